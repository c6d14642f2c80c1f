import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_MOUNT, type Workbench, Workbench as Bench } from "../e2e/workbench.ts";
import {
  dice,
  litterIn,
  photograph,
  restoreDifferences,
  sameObjectsEverywhere,
  smallCompany,
  someBytes,
  twinOf,
} from "./lab.ts";

let sound: Workbench;
beforeAll(async () => {
  sound = await smallCompany();
});
afterAll(() => sound[Symbol.dispose]());

if (!CAN_MOUNT) console.warn("Left out: full and unmounted disks, since only root can mount.");

type Copies = readonly { name: string; state: string; cause?: string; error?: unknown }[];

const statesOf = (copies: Copies): Record<string, string> =>
  Object.fromEntries(copies.map(({ name, state, cause }) => [name, cause ?? state]));

function mountAt(path: string, ...how: readonly string[]): Disposable {
  execFileSync("mount", [...how, path]);
  return { [Symbol.dispose]: () => void spawnSync("umount", ["--lazy", path]) };
}

describe("a copy that is not mounted", () => {
  it.runIf(CAN_MOUNT)("is absent: nothing is made there, the others finish", async () => {
    using bench = twinOf(sound);
    const home = bench.copy("home");
    const disk = join(bench.path, "disk");
    renameSync(home, disk);
    mkdirSync(home);
    using _ = mountAt(home, "--bind", disk);
    expect((await bench.mikura("backup")).code).toBe(0);

    execFileSync("umount", [home]);
    writeFileSync(join(bench.source, "new.txt"), "new");
    for (const command of ["backup", "init", "backup"]) {
      const ran = await bench.mikura(command, "--json");
      expect([command, ran.code]).toEqual([command, 3]);
      expect(statesOf(ran.json.copies)["home"]).toMatch(/absent/);
      expect(readdirSync(home)).toEqual([]);
    }
    expect(await restoreDifferences(bench, "branch")).toEqual([]);

    execFileSync("mount", ["--bind", disk, home]);
    expect((await bench.mikura("backup")).code).toBe(0);
    expect(sameObjectsEverywhere(bench)).toBe(true);
    expect(() => bench.restic("home", ["check", "--read-data"])).not.toThrow();
    expect(await restoreDifferences(bench, "home")).toEqual([]);
  });

  it("is absent as well when its folder is gone, and no folder is made", async () => {
    using bench = twinOf(sound);
    renameSync(bench.copy("home"), join(bench.path, "away"));
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code).toBe(3);
    expect(statesOf(ran.json.copies)).toMatchObject({ office: "current", home: "copy-absent" });
    expect(readdirSync(join(bench.path, "copies")).sort()).toEqual(["branch", "office"]);
  });

  it("is an error that says so when it is all of them", async () => {
    using bench = twinOf(sound);
    renameSync(join(bench.path, "copies"), join(bench.path, "away"));
    const ran = await bench.mikura("backup", "--json");
    expect([ran.code, ran.json.error.code]).toEqual([1, "copy-absent"]);
    expect(readdirSync(bench.path)).not.toContain("copies");
  });
});

describe("a copy that belongs to another vault", () => {
  it("is named, gets nothing, and the others finish", async () => {
    using bench = twinOf(sound);
    using other = await smallCompany();
    rmSync(bench.copy("home"), { recursive: true });
    renameSync(other.copy("home"), bench.copy("home"));
    const before = photograph(bench.copy("home"));

    for (const command of ["backup", "init", "drift", "verify"]) {
      const ran = await bench.mikura(command);
      expect([command, ran.code]).toEqual([command, command === "drift" ? 4 : 3]);
      expect(ran.stdout).toContain("belongs to another vault");
      expect(ran.stdout).toContain(bench.copy("home"));
    }
    const restore = await bench.mikura("restore", "--copy", "home", "--to", "out", "--json");
    expect([restore.code, restore.json.error.code]).toEqual([1, "copy-foreign"]);
    expect(photograph(bench.copy("home"))).toEqual(before);
    expect(await restoreDifferences(bench, "office")).toEqual([]);
  });

  it("gets nothing either when the ledger was lost, whatever is run", async () => {
    using bench = twinOf(sound);
    using other = await smallCompany();
    rmSync(join(bench.path, "state"), { recursive: true });
    rmSync(bench.copy("home"), { recursive: true });
    renameSync(other.copy("home"), bench.copy("home"));
    const before = photograph(bench.copy("home"));
    for (const command of ["backup", "init", "backup", "drift"]) {
      const ran = await bench.mikura(command);
      expect([command, ran.code]).toEqual([command, expect.toBeOneOf([2, 3, 4])]);
    }
    expect(photograph(bench.copy("home"))).toEqual(before);
  });

  it("or to another place of this vault is not written either: two disks swapped", async () => {
    using bench = twinOf(sound);
    const [home, branch] = [bench.copy("home"), bench.copy("branch")];
    renameSync(home, `${home}-`);
    renameSync(branch, home);
    renameSync(`${home}-`, branch);
    const before = [photograph(home), photograph(branch)];
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code).toBe(3);
    expect(statesOf(ran.json.copies)).toEqual({
      office: "current",
      home: "copy-foreign",
      branch: "copy-foreign",
    });
    expect([photograph(home), photograph(branch)]).toEqual(before);
  });

  it("is not taken over by init: somebody's restic repository stays as it is", async () => {
    using bench = new Bench();
    writeFileSync(join(bench.path, "word"), "word\n");
    const repository = ["--repo", bench.copy("home"), "--password-file", join(bench.path, "word")];
    execFileSync("restic", ["--no-cache", ...repository, "init"], { stdio: "ignore" });
    const before = photograph(bench.copy("home"));
    const ran = await bench.mikura("init");
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain("another backup already");
    // init prepares folders before it looks inside; no file of theirs may change.
    const after = photograph(bench.copy("home"));
    const files = (picture: Record<string, string>): string[] =>
      Object.entries(picture).flatMap(([path, is]) => (/ [0-9a-f]{64}$/.test(is) ? path + is : []));
    expect(files(after)).toEqual(files(before));
  });
});

describe("a full disk", () => {
  it.runIf(CAN_MOUNT)("is one copy's trouble, and with room it catches up", async () => {
    using bench = new Bench();
    using _ = mountAt(bench.copy("home"), "-t", "tmpfs", "-o", "size=6m", "mikura-test");
    await bench.init();
    const roll = dice(4);
    for (let n = 0; n < 4; n++) {
      writeFileSync(
        join(bench.source, `scan-${n}.tif`),
        someBytes(() => roll(256) | 1, 5_000_000),
      );
    }
    for (let round = 0; round < 2; round++) {
      const ran = await bench.mikura("backup", "--json");
      expect(ran.code).toBe(3);
      expect(statesOf(ran.json.copies)).toEqual({
        office: "current",
        home: "copy-full",
        branch: "current",
      });
      expect(litterIn(bench.copy("home"))).toEqual([]);
      expect(readdirSync(join(bench.copy("home"), "snapshots"))).toEqual([]);
    }
    expect(await restoreDifferences(bench, "office")).toEqual([]);
    expect(() => bench.restic("home", ["check", "--read-data"])).not.toThrow();

    execFileSync("mount", ["-o", "remount,size=64m", bench.copy("home")]);
    const ran = await bench.mikura("backup", "--json");
    expect([ran.code, statesOf(ran.json.copies)["home"]]).toEqual([0, "current"]);
    expect(sameObjectsEverywhere(bench)).toBe(true);
    expect(() => bench.restic("home", ["check", "--read-data"])).not.toThrow();
    expect(await restoreDifferences(bench, "home")).toEqual([]);
    expect((await bench.mikura("drift")).code).toBe(0);
  });
});
