import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { Ledger } from "./ledger.ts";
import type { ObjectRecords, Presence } from "./object-records.ts";

let state: string;
let ledger: Ledger;
let objects: ObjectRecords;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "mikura-objects-"));
  ledger = Ledger.open(state);
  ({ objects } = ledger);
});
afterEach(() => {
  ledger[Symbol.dispose]();
  rmSync(state, { recursive: true });
});

const A = "a".repeat(64);
const B = "b".repeat(64);
const add = (name: string, size: number, kind = "data"): void =>
  objects.add({ kind, name, size, sha256: name }, 1);
const presence = (copy = "nas"): Presence | undefined => objects.of(copy).get(`data/${A}`);

describe("ObjectRecords", () => {
  it("expects what was added, once, as it was first", () => {
    objects.add({ kind: "config", name: "config", size: 155, sha256: B }, 1);
    objects.add({ kind: "config", name: "config", size: 1, sha256: A }, 2);
    add(A, 10);
    expect(objects.expected()).toEqual([
      { kind: "config", name: "config", size: 155, sha256: B },
      { kind: "data", name: A, size: 10, sha256: A },
    ]);
    expect(objects.find("data", A)).toEqual({ kind: "data", name: A, size: 10, sha256: A });
    expect(objects.find("index", A)).toBeUndefined();
  });

  it("tells apart the same name in two kinds", () => {
    add(A, 10);
    add(A, 20, "index");
    objects.seen("nas", "index", A, 5);
    expect([objects.holds("nas", "index", A), objects.holds("nas", "data", A)]).toEqual([
      true,
      false,
    ]);
    expect(objects.neverSeen("data", A)).toBe(true);
  });

  it("withdraws an object with all that is known of it", () => {
    add(A, 10);
    objects.seen("nas", "data", A, 5);
    objects.withdraw("data", A);
    expect(objects.expected()).toEqual([]);
    expect(objects.neverSeen("data", A)).toBe(true);
    add(A, 10);
    expect(objects.of("nas").size).toBe(0);
  });

  it("counts an object as never seen until some copy was seen to hold it", () => {
    add(A, 10);
    expect(objects.neverSeen("data", A)).toBe(true);
    objects.seen("usb", "data", A, 5);
    expect(objects.neverSeen("data", A)).toBe(false);
  });

  it("keeps an age of a verification that a later sight does not renew", () => {
    add(A, 10);
    objects.verified("nas", "data", A, 5);
    objects.seen("nas", "data", A, 9);
    expect(presence()).toMatchObject({ verifiedAt: 5, bad: undefined, badSince: undefined });
  });

  const steps = {
    seen: (at: number) => objects.seen("nas", "data", A, at),
    verified: (at: number) => objects.verified("nas", "data", A, at),
    damaged: (at: number) => objects.bad("nas", "data", A, at, "damaged"),
    missing: (at: number) => objects.bad("nas", "data", A, at, "missing"),
  };
  type Step = keyof typeof steps;
  const cases: readonly (readonly [Step[], Partial<Presence>])[] = [
    [["seen"], { bad: undefined, verifiedAt: undefined }],
    [["verified"], { bad: undefined, verifiedAt: 1 }],
    [["seen", "missing"], { bad: "missing", badSince: 2 }],
    [["missing"], { bad: "missing", badSince: 1 }],
    [["seen", "missing", "missing"], { bad: "missing", badSince: 2 }],
    [["seen", "missing", "seen"], { bad: undefined, badSince: undefined }],
    [["seen", "damaged"], { bad: "damaged", badSince: 2 }],
    [["seen", "damaged", "damaged"], { bad: "damaged", badSince: 2 }],
    [["seen", "damaged", "seen"], { bad: "damaged", badSince: 2 }],
    [["seen", "damaged", "verified"], { bad: undefined, badSince: undefined, verifiedAt: 3 }],
    [["verified", "damaged"], { bad: "damaged", badSince: 2, verifiedAt: 1 }],
    [["seen", "damaged", "missing"], { bad: "missing", badSince: 3 }],
    [["seen", "missing", "damaged"], { bad: "damaged", badSince: 3 }],
    [["missing", "verified", "missing"], { bad: "missing", badSince: 3 }],
  ];
  test.each(cases)(
    "comes by %o to %o: listing mends what is missing, reading what is damaged",
    (history, end) => {
      add(A, 10);
      history.forEach((step, i) => steps[step](i + 1));
      expect(presence()).toMatchObject(end);
      expect(objects.holds("nas", "data", A)).toBe(end.bad === undefined);
      expect(objects.coverage("nas").bad).toBe(end.bad === undefined ? 0 : 1);
      expect(presence("usb"), "another copy").toBeUndefined();
    },
  );

  it("gives the coverage of a copy that was never looked at", () => {
    add(A, 10);
    add(B, 30);
    expect(objects.coverage("new")).toEqual({
      objects: 2,
      bytes: 40,
      oldestVerifiedAt: undefined,
      bad: 0,
    });
    expect(objects.verifiedShare("new", 0)).toBe(0);
  });

  it("gives no share at all where there is nothing: unknown is not all", () => {
    expect(objects.verifiedShare("nas", 0)).toBe(0);
    expect(objects.coverage("nas")).toEqual({
      objects: 0,
      bytes: 0,
      oldestVerifiedAt: undefined,
      bad: 0,
    });
  });

  it("calls nothing the oldest while one object was never verified", () => {
    add(A, 10);
    add(B, 30);
    objects.verified("nas", "data", A, 5);
    objects.seen("nas", "data", B, 6);
    expect(objects.coverage("nas").oldestVerifiedAt).toBeUndefined();
    objects.verified("nas", "data", B, 9);
    expect(objects.coverage("nas").oldestVerifiedAt).toBe(5);
  });

  it("counts a share from a moment on, that moment included", () => {
    add(A, 10);
    add(B, 30);
    objects.verified("nas", "data", A, 5);
    objects.verified("nas", "data", B, 9);
    expect([5, 6, 9, 10].map((since) => objects.verifiedShare("nas", since))).toEqual([
      1, 0.75, 0.75, 0,
    ]);
    objects.bad("nas", "data", B, 10, "damaged");
    expect(objects.verifiedShare("nas", 5)).toBe(0.25);
  });

  it("gives the figures that its own records add up to, whatever happened", () => {
    const names = ["0", "1", "2", "3"].map((digit) => digit.repeat(64));
    const step = fc.tuple(
      fc.constantFrom("seen", "verified", "damaged", "missing", "withdraw", "add"),
      fc.constantFrom("nas", "usb"),
      fc.nat(3),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (history, since) => {
        for (const name of names) {
          objects.withdraw("data", name);
          objects.add({ kind: "data", name, size: 10 + Number(name[0]), sha256: name }, 0);
        }
        history.forEach(([what, copy, n], i) => {
          const name = names[n]!;
          if (what === "seen" || what === "verified") objects[what](copy, "data", name, i);
          else if (what === "withdraw") objects.withdraw("data", name);
          else if (what === "add")
            objects.add({ kind: "data", name, size: 10 + n, sha256: name }, i);
          else objects.bad(copy, "data", name, i, what);
        });
        const all = objects.expected();
        const bytes = all.reduce((sum, { size }) => sum + size, 0);
        for (const copy of ["nas", "usb"]) {
          const held = objects.of(copy);
          const of = (one: { name: string }): Presence | undefined => held.get(`data/${one.name}`);
          const times = all.map((one) => of(one)?.verifiedAt);
          const known = times.filter((at) => at !== undefined);
          const good = all.filter((one) => (of(one)?.verifiedAt ?? -1) >= since && !of(one)?.bad);
          expect(objects.coverage(copy)).toEqual({
            objects: all.length,
            bytes,
            oldestVerifiedAt:
              all.length > 0 && known.length === all.length ? Math.min(...known) : undefined,
            bad: all.filter((one) => of(one)?.bad).length,
          });
          const share = bytes === 0 ? 0 : good.reduce((sum, { size }) => sum + size, 0) / bytes;
          expect(objects.verifiedShare(copy, since)).toBeCloseTo(share, 12);
        }
      }),
    );
  });
});
