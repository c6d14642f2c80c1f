import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Disk, DiskFile } from "../../agent/copies/local/disk.ts";
import { backup } from "../../agent/jobs/backup/backup.ts";
import { openSource } from "../../agent/jobs/common/open-source.ts";
import { restore } from "../../agent/jobs/restore/restore.ts";
import { findDrift } from "../../agent/jobs/verify/verify.ts";
import { treeDifferences } from "../e2e/same-tree.ts";
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
 * Every operation that a backup asks of the disks of its copies goes wrong in turn: N = 1, 2, 3 …
 * until a backup ends before its N-th. After each: nothing half is visible, and the next run is
 * complete.
 */

/**
 * `error`: the operation fails, once. `before`, `after`: the machine stops before or after it, so
 * that from then on no copy changes and the ledger is as it was at that moment.
 */
type How = "error" | "before" | "after";

/** What goes wrong next; the stores of a job get the disk that obeys it. */
const plan = vi.hoisted(() => ({
  at: 0,
  how: "error" as How,
  below: "",
  done: [] as string[],
  stop: () => {},
}));

vi.mock("../../agent/copies/local/disk.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../agent/copies/local/disk.ts")>();
  return { ...original, realDisk: obeying(original.realDisk) };
});

const CHANGING = /^(open:new|write|chmod|fsync|close|mkdir|rename|unlink)$/;

function obeying(disk: Disk): Disk {
  async function step<T>(what: string, path: string, work: () => Promise<T>): Promise<T> {
    // Looking into 256 folders is one kind of operation: the last of them stands for all.
    const same = /^(lstat|readdir) .*\/data\/(?!ff$)[0-9a-f]{2}$/.test(`${what} ${path}`);
    // Before or after what does not change the disk, a crash finds the same.
    const counts = plan.how === "error" || CHANGING.test(what);
    const here = plan.at > 0 && !same && counts && path.startsWith(plan.below);
    const stopped = plan.how !== "error" && plan.at > 0 && plan.done.length >= plan.at;
    if (here) plan.done.push(`${what} ${path}`);
    const now = here && plan.done.length === plan.at;
    if (!now && !stopped) return await work();
    // A descriptor is closed by whatever happens, a crash included.
    const result = what === "close" || (now && plan.how === "after") ? await work() : undefined;
    if (now && what.startsWith("open") && result) await (result as unknown as DiskFile).close();
    if (now) plan.stop();
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
/** A vault as it was at some moment: bytes of all objects by path, and its state folder. */
interface Moment {
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly state: string;
}
let [oneSnapshot, homeBehind]: Moment[] = [];

beforeAll(async () => {
  bench = await smallCompany();
  writeFileSync(join(bench.source, "new.txt"), "of the second snapshot");
  oneSnapshot = remember("one-snapshot");
  renameSync(bench.copy("home"), join(bench.path, "away"));
  expect(await runBackup()).toMatchObject({ office: "current", home: "absent" });
  renameSync(join(bench.path, "away"), bench.copy("home"));
  homeBehind = remember("home-behind");
});
afterAll(() => bench[Symbol.dispose]());
afterEach(() => void (plan.at = 0));

const everyObject = (): string[] =>
  COPIES.flatMap((copy) => [...objectsIn(bench.copy(copy)).values()]);

function putState(from: string, to: string): void {
  rmSync(join(bench.path, to), { recursive: true, force: true });
  cpSync(join(bench.path, from), join(bench.path, to), { recursive: true });
}

function remember(state: string): Moment {
  putState("state", state);
  return { objects: new Map(everyObject().map((path) => [path, readFileSync(path)])), state };
}

/** Takes the vault back to a moment. */
function reset({ objects, state }: Moment): void {
  const now = new Set(everyObject());
  for (const path of now) if (!objects.has(path)) rmSync(path);
  for (const [path, bytes] of objects) if (!now.has(path)) writeFileSync(path, bytes);
  for (const copy of COPIES) {
    for (const name of litterIn(bench.copy(copy)))
      rmSync(join(bench.copy(copy), "mikura/tmp", name));
  }
  putState(state, "state");
}

async function runBackup(): Promise<Record<string, string>> {
  await using place = await openPlace(bench, true);
  const { copies } = await backup(place, place.policy.datasets);
  return Object.fromEntries(copies.map(({ name, state }) => [name, state]));
}

/** Promise 1, at the moment after the fault. */
async function expectSound(): Promise<void> {
  await using place = await openPlace(bench);
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
  await using place = await openPlace(bench, true);
  expect(await findDrift(place)).toEqual([]);
}

/** Which operations there were before the end. */
async function failOne(from: Moment, at: number, how: How, copy: CopyName): Promise<string[]> {
  reset(from);
  const stop = (): void => putState("state", "state-at-stop");
  Object.assign(plan, { at, how, below: bench.copy(copy), done: [], stop });
  const said = await runBackup().catch((error: { code?: string }) => String(error.code));
  const { done } = plan;
  plan.at = 0;
  const step = done[at - 1];
  try {
    // One copy's trouble is its own (promise 7).
    if (how === "error" && step !== undefined)
      for (const other of COPIES.filter((one) => one !== copy))
        expect(said).toMatchObject({ [other]: "current" });
    if (how !== "error" && step !== undefined) putState("state-at-stop", "state");
    await expectSound();
    await expectComplete();
  } catch (error) {
    throw new Error(`${how} ${at}: ${step}`, { cause: error });
  }
  return done;
}

async function failEach(from: Moment, how: How, copy: CopyName): Promise<void> {
  const operations = new Set<string>();
  let at = 1;
  for (let done = [""]; done.length >= at - 1; at++) {
    done = await failOne(from, at, how, copy);
    for (const line of done) operations.add(line.split(" ")[0]!);
  }
  console.log(`${how}: ${at - 2} operations`);
  expect([...operations]).toEqual(
    expect.arrayContaining(["open:new", "write", "fsync", "rename", "close"]),
  );
}

describe("every disk operation", () => {
  it("of a backup fails, one after the other", async () => {
    await failEach(oneSnapshot!, "error", "home");
  }, 300_000);

  it("of a backup is the last one before a crash", async () => {
    await failEach(oneSnapshot!, "after", "office");
  }, 300_000);

  it("of a copy that catches up is one that a crash prevents", async () => {
    await failEach(homeBehind!, "before", "home");
  }, 300_000);

  it("has left files that restore as they were", async () => {
    reset(oneSnapshot!);
    await expectComplete();
    await using place = await openPlace(bench);
    const folder = bench.newFolder();
    const wish = {
      copy: "home",
      dataset: undefined,
      snapshot: undefined,
      to: { folder },
      paths: [],
    };
    expect((await restore(place, wish)).wrong).toEqual([]);
    expect(treeDifferences(bench.source, join(folder, bench.source))).toEqual([]);
  });
});
