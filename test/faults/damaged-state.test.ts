import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COPIES, type Workbench } from "../e2e/workbench.ts";
import {
  dice,
  objectsIn,
  restoreDifferences,
  sameObjectsEverywhere,
  smallCompany,
  succeeds,
  twinOf,
} from "./lab.ts";

let sound: Workbench;
let snapshots: string[];
beforeAll(async () => {
  sound = await smallCompany();
  writeFileSync(join(sound.source, "second.txt"), "of the second snapshot");
  await succeeds(sound, "backup");
  const listed = await succeeds(sound, "snapshots", "--json");
  snapshots = listed.json.snapshots.map(({ id }: { id: string }) => id);
});
afterAll(() => sound[Symbol.dispose]());

const stateOf = (bench: Workbench, name = ""): string => join(bench.path, "state", name);

/** Hash of every object of every copy and of the key file: what nothing may lose or overwrite. */
function treasures(bench: Workbench): Map<string, string> {
  const all = new Map([["key", hash("sha256", readFileSync(bench.keyFile))]]);
  for (const copy of COPIES) {
    for (const [object, path] of objectsIn(bench.copy(copy)))
      all.set(`${copy} ${object}`, hash("sha256", readFileSync(path)));
    const marker = readFileSync(join(bench.copy(copy), "mikura/copy.json"));
    all.set(`${copy} marker`, hash("sha256", marker));
  }
  return all;
}

function expectKept(bench: Workbench, before: ReadonlyMap<string, string>): void {
  const after = treasures(bench);
  for (const [what, is] of before) expect([what, after.get(what)]).toEqual([what, is]);
}

/** After init and a backup all is as if nothing had happened. */
async function expectAdopted(bench: Workbench): Promise<void> {
  const before = treasures(bench);
  const init = await succeeds(bench, "init", "--json");
  expect(init.json).toMatchObject({ made: false, recovery_code: null });
  await succeeds(bench, "backup");
  expectKept(bench, before);
  expect(sameObjectsEverywhere(bench)).toBe(true);
  const drift = await bench.mikura("drift");
  expect([drift.code, drift.stdout]).toEqual([0, "○ No drift\n"]);
  for (const snapshot of snapshots) {
    await succeeds(bench, "restore", "--copy", "home", "--to", snapshot, "--snapshot", snapshot);
    expect(existsSync(join(bench.path, snapshot, sound.source, "balance.csv"))).toBe(true);
  }
  expect(await restoreDifferences(bench, "office")).toEqual([]);
  bench.restic("branch", ["check", "--read-data"], "code"); // the old recovery code still opens it
}

describe("a lost state folder", () => {
  it("stops a backup with the next step, restores all the same, and init adopts the vault", async () => {
    using bench = twinOf(sound);
    rmSync(stateOf(bench), { recursive: true });
    const before = treasures(bench);
    for (const command of ["backup", "drift"]) {
      const ran = await bench.mikura(command, "--json");
      expect([command, ran.code, ran.json.error?.code]).toEqual([command, 2, "vault-missing"]);
      expect(ran.json.error.hint).toContain("mikura init --policy");
    }
    expect(await restoreDifferences(bench, "branch", { source: sound.source })).toEqual([]);
    expect(treasures(bench)).toEqual(before);
    await expectAdopted(bench);
  });

  it("is adopted with a copy behind, which then gets the snapshots that it lacks", async () => {
    using bench = twinOf(sound);
    const [, newest] = snapshots as [string, string];
    rmSync(join(bench.copy("home"), "snapshots", newest));
    rmSync(stateOf(bench), { recursive: true });
    await expectAdopted(bench);
  });

  it("of another, empty ledger is the same as none", async () => {
    using bench = twinOf(sound);
    rmSync(stateOf(bench), { recursive: true });
    expect((await bench.mikura("status")).code).toBe(3); // makes an empty ledger
    expect((await bench.mikura("backup")).code).toBe(2);
    await expectAdopted(bench);
  });
});

describe("a ledger from yesterday, put back", () => {
  it("is brought up to what the copies hold", async () => {
    using bench = twinOf(sound);
    cpSync(stateOf(bench), join(bench.path, "yesterday"), { recursive: true });
    writeFileSync(join(bench.source, "third.txt"), "third");
    await succeeds(bench, "backup");
    const before = treasures(bench);
    rmSync(stateOf(bench), { recursive: true });
    cpSync(join(bench.path, "yesterday"), stateOf(bench), { recursive: true });
    await succeeds(bench, "backup");
    expectKept(bench, before);
    expect((await bench.mikura("drift")).code).toBe(0);
    expect(await restoreDifferences(bench, "home")).toEqual([]);
  });
});

describe("a damaged ledger", () => {
  const roll = dice(7);
  const DAMAGE: Readonly<Record<string, (path: string) => void>> = {
    "cut to 50 bytes": (path) => truncateSync(path, 50),
    "cut to a page": (path) => truncateSync(path, 4096),
    "cut to the half": (path) => truncateSync(path, statSync(path).size >> 1),
    "with no header": (path) => {
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0, 0, 100));
    },
    "with noise in its pages": (path) => {
      const bytes = readFileSync(path);
      for (let at = 4096 + 8; at < bytes.length; at++) bytes[at] = roll(256);
      writeFileSync(path, bytes);
    },
  };

  it.each(Object.keys(DAMAGE))("%s is named, and nothing is lost", async (how) => {
    using bench = twinOf(sound);
    DAMAGE[how]!(stateOf(bench, "ledger.db"));
    const before = treasures(bench);
    for (const command of ["backup", "init"]) {
      const ran = await bench.mikura(command, "--json");
      expect([command, ran.code, ran.json.error?.code]).toEqual([command, 1, "state-damaged"]);
      expect(ran.json.error.hint).toMatch(/ledger\.db .* mikura init --policy/);
    }
    expect(treasures(bench)).toEqual(before);
    if (how !== "cut to the half") return;
    // The next step that it names is the right one.
    for (const name of ["ledger.db", "run.lock"]) rmSync(stateOf(bench, name));
    await expectAdopted(bench);
  });

  it("cut to nothing is a lost one", async () => {
    using bench = twinOf(sound);
    truncateSync(stateOf(bench, "ledger.db"), 0);
    expect((await bench.mikura("backup")).code).toBe(2);
    await expectAdopted(bench);
  });
});

describe("the rest of the state folder", () => {
  it("may be lost or damaged: the next backup reads everything again", async () => {
    using bench = twinOf(sound);
    await succeeds(bench, "backup");
    const memory = stateOf(bench, "scan/books/memory");
    const bytes = readFileSync(memory);
    for (const damage of [
      () =>
        writeFileSync(
          memory,
          bytes.map((byte) => byte ^ 1),
        ),
      () => truncateSync(memory, bytes.length - 1),
      () => rmSync(stateOf(bench, "scan"), { recursive: true }),
      () => writeFileSync(memory, "x".repeat(100_000)),
    ]) {
      mkdirSync(stateOf(bench, "scan/books"), { recursive: true });
      damage();
      const ran = await succeeds(bench, "backup", "--json");
      expect(ran.json.datasets[0].files).toMatchObject({ unchanged: 0, unreadable: 0 });
    }
    expect(await restoreDifferences(bench, "office")).toEqual([]);
  });

  it("with a lock file that is none says so", async () => {
    using bench = twinOf(sound);
    writeFileSync(stateOf(bench, "run.lock"), "no lock ".repeat(1000));
    const ran = await bench.mikura("backup", "--json");
    expect([ran.code, ran.json.error.code]).toEqual([1, "state-damaged"]);
    expect(ran.json.error.hint).toContain("run.lock");
  });

  it("that cannot be made says so", async () => {
    using bench = twinOf(sound);
    rmSync(stateOf(bench), { recursive: true });
    writeFileSync(join(bench.path, "state"), "a file");
    const ran = await bench.mikura("backup", "--json");
    expect([ran.code, ran.json.error.code]).toEqual([1, "state-damaged"]);
  });
});
