import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Disk, DiskFile } from "../../agent/copies/disk.ts";
import { backup } from "../../agent/jobs/backup/backup.ts";
import { openSource } from "../../agent/jobs/common/open-source.ts";
import { restore } from "../../agent/jobs/restore/restore.ts";
import { findDrift } from "../../agent/jobs/verify/verify.ts";
import { COPIES, type CopyName, type Workbench } from "../e2e/workbench.ts";
import {
  lacking,
  litterIn,
  objectsIn,
  openPlace,
  sameObjectsEverywhere,
  smallCompany,
  wrongObjects,
} from "./lab.ts";

/*
 * Every operation that a backup asks of the disks of its copies fails in turn: N = 1, 2, 3 … until a
 * backup ends before its N-th. After each: nothing half is visible, and the next run is complete.
 */

type How = "error" | "late" | "crash";

/**
 * What goes wrong next; the stores of a job get the disk that obeys it. What does not change the
 * disk is only counted where it fails: before or after it, a crash finds the same.
 */
const plan = vi.hoisted(() => ({ at: 0, how: "error" as How, below: "", done: [] as string[] }));

vi.mock("../../agent/copies/disk.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../agent/copies/disk.ts")>();
  return { ...original, realDisk: obeying(original.realDisk) };
});

const CHANGING = /^(open:new|write|chmod|fsync|close|mkdir|rename|unlink)$/;

function obeying(disk: Disk): Disk {
  async function step<T>(what: string, path: string, work: () => Promise<T>): Promise<T> {
    // Looking into 256 folders is one kind of operation: the last of them stands for all.
    const same = /^(lstat|readdir) .*\/data\/(?!ff$)[0-9a-f]{2}$/.test(`${what} ${path}`);
    const counts = plan.how === "error" || CHANGING.test(what);
    if (plan.at === 0 || same || !counts || !path.startsWith(plan.below)) return await work();
    plan.done.push(`${what} ${path}`);
    const now = plan.done.length === plan.at;
    if (!now && !(plan.how === "crash" && plan.done.length > plan.at)) return await work();
    // A descriptor is closed by whatever happens, a crash included.
    if (what === "close" || (plan.how === "late" && !what.startsWith("open"))) await work();
    throw Object.assign(new Error(`planned: ${what} ${path}`), { code: "EIO" });
  }
  const fileOf = (file: DiskFile, path: string): DiskFile => ({
    read: (into, position) => step("read", path, () => file.read(into, position)),
    write: (bytes, position) => step("write", path, () => file.write(bytes, position)),
    stat: () => step("fstat", path, () => file.stat()),
    chmod: (mode) => step("chmod", path, () => file.chmod(mode)),
    sync: () => step("fsync", path, () => file.sync()),
    close: () => step("close", path, () => file.close()),
  });
  return {
    open: (path, how) =>
      step(`open:${how}`, path, async () => fileOf(await disk.open(path, how), path)),
    lstat: (path) => step("lstat", path, () => disk.lstat(path)),
    readdir: (path) => step("readdir", path, () => disk.readdir(path)),
    mkdir: (path) => step("mkdir", path, () => disk.mkdir(path)),
    rename: (from, to) => step("rename", to, () => disk.rename(from, to)),
    unlink: (path) => step("unlink", path, () => disk.unlink(path)),
  };
}

let bench: Workbench;
/** The vault as it was with one snapshot. */
let template: ReadonlySet<string>;
beforeAll(async () => {
  bench = await smallCompany();
  template = new Set(COPIES.flatMap((copy) => [...objectsIn(bench.copy(copy)).values()]));
  cpSync(join(bench.path, "state"), join(bench.path, "state-before"), { recursive: true });
  writeFileSync(join(bench.source, "new.txt"), "of the second snapshot");
});
afterAll(() => bench[Symbol.dispose]());
afterEach(() => void (plan.at = 0));

/** Takes the vault back to its first snapshot. */
function reset(): void {
  for (const copy of COPIES) {
    for (const path of objectsIn(bench.copy(copy)).values()) {
      if (!template.has(path)) rmSync(path);
    }
    for (const name of litterIn(bench.copy(copy)))
      rmSync(join(bench.copy(copy), "mikura/tmp", name));
  }
  rmSync(join(bench.path, "state"), { recursive: true });
  cpSync(join(bench.path, "state-before"), join(bench.path, "state"), { recursive: true });
}

async function runBackup(): Promise<Record<string, string>> {
  using place = await openPlace(bench, true);
  const { copies } = await backup(place, place.policy.datasets);
  return Object.fromEntries(copies.map(({ name, state }) => [name, state]));
}

/** Promise 1, at the moment after the fault. */
async function expectSound(): Promise<void> {
  using place = await openPlace(bench);
  for (const copy of COPIES) {
    expect(wrongObjects(bench.copy(copy))).toEqual([]);
    const reader = await openSource(place, copy);
    for (const { tree } of await reader.snapshots())
      expect(await lacking(reader, tree, objectsIn(bench.copy(copy)))).toEqual([]);
  }
}

async function expectComplete(): Promise<void> {
  expect(await runBackup()).toEqual({ office: "current", home: "current", branch: "current" });
  for (const copy of COPIES) expect(litterIn(bench.copy(copy))).toEqual([]);
  expect(sameObjectsEverywhere(bench)).toBe(true);
  using place = await openPlace(bench, true);
  expect(await findDrift(place)).toEqual([]);
}

/** Which operations there were before the end. */
async function failOne(at: number, how: How, copy: CopyName | undefined): Promise<string[]> {
  reset();
  const below = copy === undefined ? bench.path : bench.copy(copy);
  Object.assign(plan, { at, how, below, done: [] });
  const said = await runBackup().catch((error: { code?: string }) => String(error.code));
  const done = plan.done;
  plan.at = 0;
  const step = done[at - 1];
  try {
    if (copy !== undefined && step !== undefined) {
      // One copy's trouble is its own (promise 7).
      for (const other of COPIES.filter((one) => one !== copy))
        expect(said).toMatchObject({ [other]: "current" });
    }
    await expectSound();
    await expectComplete();
  } catch (error) {
    throw new Error(`${how} at ${at}: ${step}`, { cause: error });
  }
  return done;
}

describe("every disk operation of a backup", () => {
  it.each([
    ["fails", "error", "home"],
    ["fails after it was done", "late", "home"],
    ["is the last before a crash", "crash", undefined],
  ] as const)(
    "%s, one after the other",
    async (_, how, copy) => {
      const operations = new Set<string>();
      let at = 1;
      for (let done = [""]; done.length >= at - 1; at++) {
        done = await failOne(at, how, copy);
        for (const line of done) operations.add(line.split(" ")[0]!);
      }
      console.log(`${how}: ${at - 2} operations`);
      expect([...operations]).toEqual(
        expect.arrayContaining(["open:new", "write", "fsync", "rename", "close"]),
      );
    },
    300_000,
  );

  it("leaves files that restore as they were", async () => {
    reset();
    await expectComplete();
    using place = await openPlace(bench);
    const folder = bench.newFolder();
    const wish = {
      copy: "home",
      dataset: undefined,
      snapshot: undefined,
      to: { folder },
      paths: [],
    };
    expect((await restore(place, wish)).wrong).toEqual([]);
    expect(readdirSync(join(folder, bench.source))).toContain("new.txt");
    expect(readFileSync(join(folder, bench.source, "new.txt"), "utf8")).toContain("second");
  });
});
