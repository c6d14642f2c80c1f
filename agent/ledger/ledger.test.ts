import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { Ledger } from "./ledger.ts";
import type { SnapshotRecord } from "./snapshot-records.ts";

let state: string;
let ledger: Ledger;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "mikura-ledger-"));
  ledger = Ledger.open(join(state, "deep/er"));
});
afterEach(() => {
  ledger[Symbol.dispose]();
  rmSync(state, { recursive: true });
});

/** The same ledger, closed and opened again. */
function reopened(): Ledger {
  ledger[Symbol.dispose]();
  ledger = Ledger.open(join(state, "deep/er"));
  return ledger;
}

describe("Ledger", () => {
  it("makes its folder for its owner alone, and keeps what it holds", () => {
    expect(statSync(join(state, "deep/er")).mode & 0o777).toBe(0o700);
    ledger.events.add(5, "made", {});
    expect(reopened().events.lastAt("made")).toBe(5);
  });

  it("does all of together or nothing of it", () => {
    const broken = (): void =>
      ledger.together(() => {
        ledger.events.add(5, "half", {});
        throw new Error("in between");
      });
    expect(broken).toThrow("in between");
    expect(ledger.events.lastAt("half")).toBeUndefined();
    expect(ledger.together(() => (ledger.events.add(6, "whole", {}), "done"))).toBe("done");
    expect(reopened().events.lastAt("whole")).toBe(6);
  });

  it("shows one holder what another wrote", () => {
    using other = Ledger.open(join(state, "deep/er"));
    ledger.events.add(7, "shared", {});
    expect(other.events.lastAt("shared")).toBe(7);
  });

  test.each([
    [
      "a file that is no database",
      () => writeFileSync(join(state, "ledger.db"), "text".repeat(500)),
    ],
    [
      "a ledger of a later mikura",
      () => {
        Ledger.open(state)[Symbol.dispose]();
        const db = new DatabaseSync(join(state, "ledger.db"));
        db.exec("PRAGMA user_version = 99");
        db.close();
      },
    ],
    ["a file where the folder should be", () => (state = join(state, "deep/er/ledger.db"))],
  ])("refuses %s as state-damaged, and names the folder", (_what, spoil) => {
    const before = state;
    spoil();
    const folder = state;
    state = before;
    expect(() => Ledger.open(folder)).toThrow(expect.objectContaining({ code: "state-damaged" }));
    expect(() => Ledger.open(folder)).toThrow(folder);
  });
});

describe("VaultRecord", () => {
  it("has no vault before init, and then that one alone", () => {
    expect(ledger.vault.id).toBeUndefined();
    ledger.vault.name("vault-1", 1);
    expect(reopened().vault.id).toBe("vault-1");
    expect(() => ledger.vault.name("vault-2", 2)).toThrow("constraint");
  });

  it("knows whether a recovery code was shown", () => {
    ledger.vault.name("vault-1", 1);
    expect(ledger.vault.codeShown).toBe(false);
    ledger.vault.markCodeShown(2);
    expect(reopened().vault.codeShown).toBe(true);
  });

  it("gives seeds back byte for byte, key files before config, the first of a name", () => {
    const bytes = Buffer.from([0, 255, 10, 0]);
    ledger.vault.addSeed({ kind: "config", name: "config", bytes });
    ledger.vault.addSeed({ kind: "keys", name: "b", bytes });
    ledger.vault.addSeed({ kind: "keys", name: "a", bytes });
    ledger.vault.addSeed({ kind: "config", name: "config", bytes: Buffer.of(1) });
    expect(reopened().vault.seeds()).toEqual([
      { kind: "keys", name: "a", bytes },
      { kind: "keys", name: "b", bytes },
      { kind: "config", name: "config", bytes },
    ]);
  });
});

describe("CopyRegister", () => {
  it("knows a copy by the identity it was added with last", () => {
    expect(ledger.copies.find("nas")).toBeUndefined();
    ledger.copies.add("nas", "id-1", 1);
    const first = { name: "nas", id: "id-1", place: undefined, seenAt: 1, currentAt: undefined };
    expect(ledger.copies.find("nas")).toEqual(first);
    ledger.copies.at("nas", "disk:1");
    ledger.copies.seen("nas", 2);
    ledger.copies.current("nas", 3);
    ledger.copies.add("nas", "id-2", 4);
    expect(reopened().copies.find("nas")).toEqual({
      name: "nas",
      id: "id-2",
      place: "disk:1",
      seenAt: 4,
      currentAt: 3,
    });
  });

  it("makes no copy known by seeing it", () => {
    ledger.copies.seen("usb", 1);
    ledger.copies.current("usb", 1);
    expect(ledger.copies.find("usb")).toBeUndefined();
  });
});

describe("SnapshotRecords", () => {
  const record: SnapshotRecord = {
    id: "a".repeat(64),
    dataset: "ar",
    timeNs: 1785542400123456789n,
    receivedAt: 1e3,
    tree: "b".repeat(64),
    manifestSha256: "c".repeat(64),
    manifestNode: '{"name":".mikura"}',
    files: 3,
    bytes: 2 ** 45,
    skipped: ["/srv/売", "/srv/a\nb"],
    scanSha256: undefined,
  };
  const later = (id: string, fields: Partial<SnapshotRecord> = {}): SnapshotRecord => {
    const one = { ...record, id, ...fields };
    ledger.snapshots.add(one);
    return one;
  };

  it("gives a record back whole, its time to the nanosecond", () => {
    ledger.snapshots.add(record);
    const withScan = later("d", { scanSha256: "e".repeat(64) });
    expect(reopened().snapshots.find(record.id)).toEqual(record);
    expect(ledger.snapshots.find("d")).toEqual(withScan);
    expect(ledger.snapshots.find("missing")).toBeUndefined();
  });

  it("takes no second record of one snapshot", () => {
    ledger.snapshots.add(record);
    expect(() => ledger.snapshots.add(record)).toThrow("constraint");
  });

  it("calls the one latest that was received last, whatever time it claims; the last of two at once", () => {
    later("old", { receivedAt: 1, timeNs: 10n ** 18n });
    const two = ["first", "second"].map((id) => later(id, { receivedAt: 5, timeNs: 1n }));
    later("other", { dataset: "payroll", receivedAt: 9 });
    expect(ledger.snapshots.latest("ar")).toEqual(two[1]);
    expect(ledger.snapshots.latest("none")).toBeUndefined();
    expect(ledger.snapshots.all().map(({ id }) => id)).toEqual(["old", "first", "second", "other"]);
  });

  it("makes the one before the latest again when that is withdrawn", () => {
    later("old", { receivedAt: 1 });
    later("new", { receivedAt: 2 });
    ledger.snapshots.withdraw("new");
    ledger.snapshots.withdraw("new");
    expect(ledger.snapshots.latest("ar")?.id).toBe("old");
    expect(ledger.snapshots.all()).toHaveLength(1);
  });
});

describe("DrillRecords", () => {
  const drill = {
    at: 5,
    dataset: "ar",
    copy: "nas",
    snapshot: "s",
    result: "failed" as const,
    files: 1,
    bytes: 2,
    seconds: 0.25,
    mismatches: ["売掛金.csv: differs"],
  };

  it("gives the latest drill of a dataset in a copy, the last of two at once", () => {
    expect(ledger.drills.latest("ar", "nas")).toBeUndefined();
    ledger.drills.add(drill);
    expect(reopened().drills.latest("ar", "nas")).toEqual(drill);
    const passed = { ...drill, result: "proved" as const, mismatches: [] };
    ledger.drills.add(passed);
    ledger.drills.add({ ...drill, at: 4 });
    ledger.drills.add({ ...drill, at: 9, copy: "usb" });
    ledger.drills.add({ ...drill, at: 9, dataset: "payroll" });
    expect(ledger.drills.latest("ar", "nas")).toEqual(passed);
  });
});

describe("DueTimes", () => {
  it("forgets a time whose schedule was changed", () => {
    ledger.due.set("verify", "30 2 * * * Asia/Tokyo", 100);
    expect(reopened().due.at("verify", "30 2 * * * Asia/Tokyo")).toBe(100);
    expect(ledger.due.at("verify", "30 2 * * * UTC")).toBeUndefined();
    expect(ledger.due.at("drill", "30 2 * * * Asia/Tokyo")).toBeUndefined();
    ledger.due.set("verify", "0 3 * * * Asia/Tokyo", 200);
    expect(ledger.due.at("verify", "30 2 * * * Asia/Tokyo")).toBeUndefined();
    expect(ledger.due.at("verify", "0 3 * * * Asia/Tokyo")).toBe(200);
  });
});

describe("Events", () => {
  it("tells when an event of a kind last happened, in whatever order they came", () => {
    for (const at of [3, 9, 5]) ledger.events.add(at, "missing", { copy: "nas" });
    ledger.events.add(20, "other", {});
    expect(ledger.events.lastAt("missing")).toBe(9);
    expect(ledger.events.lastAt("never")).toBeUndefined();
  });
});
