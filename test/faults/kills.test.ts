import type { ChildProcess } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { openSource } from "../../agent/jobs/common/open-source.ts";
import type { Workplace } from "../../agent/jobs/common/workplace.ts";
import { restore } from "../../agent/jobs/restore/restore.ts";
import { treeDifferences } from "../e2e/same-tree.ts";
import { COPIES, type CopyName, type Ran, Workbench } from "../e2e/workbench.ts";
import {
  type Dice,
  dice,
  lacking,
  litterIn,
  noise,
  objectsIn,
  openPlace,
  sameObjectsEverywhere,
  someBytes,
  twinOf,
  until,
} from "./lab.ts";

const SEED = Number(process.env["MIKURA_SEED"] ?? 20_260_401);
/** Vaults that are made anew, and kills in each: the first of them during the first backup. */
const VAULTS = Number(process.env["MIKURA_KILL_VAULTS"] ?? 7);
const KILLS = 15;
const FIRST = 4;

/** What is known of one vault from the kills before. */
interface Known {
  /** Objects that hashed to their names, by path and time of change. */
  readonly sound: Map<string, string>;
  /** "copy/snapshot" that was found whole in that copy. */
  readonly whole: Set<string>;
  /** Snapshots that restored from some copy, as the source was. */
  readonly restored: Set<string>;
}

/** Milliseconds of a whole backup, and until it begins to read the source. */
interface Times {
  readonly begun: number;
  readonly all: number;
}

/** Some 45 MB: many small files, some long ones, in some folders. */
function fillSource(folder: string, roll: Dice): void {
  for (let n = 0; n < 300; n++) {
    const inside = join(folder, `${2020 + (n % 6)}/${String(n % 11)}`);
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, `invoice-${n}.pdf`), someBytes(roll, 1000 + roll(40_000)));
  }
  for (let n = 0; n < 4; n++) {
    writeFileSync(join(folder, `books-${n}.db`), noise(roll, 5_000_000 + roll(8_000_000)));
  }
}

/** One new small file, one long one rewritten: a pack or two for each copy. */
function changeSome(folder: string, roll: Dice, round: number): void {
  const name = `${2020 + roll(6)}/${roll(11)}`;
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, `new-${round}.txt`), someBytes(roll, 20_000));
  writeFileSync(join(folder, `books-${roll(4)}.db`), noise(roll, 5_000_000 + roll(8_000_000)));
}

/** Kills a backup at a moment between its first reading and its end; its exit code, if it was quicker. */
async function killed(bench: Workbench, roll: Dice, times: Times): Promise<number | undefined> {
  const { child, ended }: { child: ChildProcess; ended: Promise<Ran> } = bench.start("backup", []);
  const over = await Promise.race([ended, sleep(times.begun + roll(times.all - times.begun))]);
  if (!over) child.kill("SIGKILL");
  return (await ended).code;
}

/** Promises 1 and 10, of every copy, after each kill. */
async function expectSound(bench: Workbench, known: Known): Promise<void> {
  for (const copy of COPIES) {
    const objects = objectsIn(bench.copy(copy));
    const paths = new Set(objects.values());
    for (const path of known.sound.keys()) {
      if (path.startsWith(bench.copy(copy))) expect(paths).toContain(path);
    }
    for (const [object, path] of objects) {
      const stat = lstatSync(path, { bigint: true });
      const state = `${stat.ino} ${stat.size} ${stat.ctimeNs}`;
      if (object === "config" || known.sound.get(path) === state) continue;
      expect(hash("sha256", readFileSync(path), "hex"), path).toBe(object.split("/")[1]);
      known.sound.set(path, state);
    }
    const snapshots = readdirSync(join(bench.copy(copy), "snapshots"));
    // What was whole once still is, while none of its objects changes or goes.
    const fresh = snapshots.filter((id) => !known.whole.has(`${copy}/${id}`));
    if (fresh.length > 0) await expectWhole(bench, copy, fresh, known);
  }
}

/**
 * A snapshot restores from the first copy that shows it, byte for byte. The other copies hold the
 * same objects (by hash): there it is enough that their own index leads to all of them.
 */
async function expectWhole(
  bench: Workbench,
  copy: CopyName,
  snapshots: readonly string[],
  known: Known,
): Promise<void> {
  await using place = await openPlace(bench);
  const reader = await openSource(place, copy);
  for (const id of snapshots) {
    if (!known.restored.has(id)) await expectRestores(bench, place, copy, id);
    known.restored.add(id);
    const { tree } = (await reader.snapshots()).find((one) => one.id === id)!;
    expect(await lacking(reader, tree, objectsIn(bench.copy(copy)))).toEqual([]);
    known.whole.add(`${copy}/${id}`);
  }
}

async function expectRestores(
  bench: Workbench,
  place: Workplace,
  copy: CopyName,
  snapshot: string,
): Promise<void> {
  const folder = bench.newFolder();
  const wish = { copy, snapshot, dataset: undefined, to: { folder }, paths: [] };
  const { wrong, manifest } = await restore(place, wish);
  expect([copy, wrong, manifest]).toEqual([copy, [], expect.toBeOneOf(["known", "own"])]);
  // The source stands still from before the kill until here.
  expect(treeDifferences(bench.source, join(folder, bench.source))).toEqual([]);
  rmSync(folder, { recursive: true });
}

async function expectComplete(bench: Workbench, known: Known): Promise<void> {
  const ran = await bench.mikura("backup", "--json");
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  for (const copy of COPIES) expect(litterIn(bench.copy(copy))).toEqual([]);
  expect(sameObjectsEverywhere(bench)).toBe(true);
  await expectSound(bench, known);
}

it("a backup killed at any moment leaves only whole objects and snapshots that restore", async () => {
  console.log(`kill -9 of ${VAULTS * KILLS} backups, MIKURA_SEED=${SEED}`);
  const roll = dice(SEED);
  using empty = new Workbench();
  fillSource(empty.source, roll);
  await empty.init();
  const [first, next] = await measure(empty);
  console.log("first backup, next ones (ms):", first, next);
  let tries = 0;
  for (let vault = 0; vault < VAULTS; vault++) {
    using bench = twinOf(empty);
    const known: Known = { sound: new Map(), whole: new Set(), restored: new Set() };
    for (let kills = 0; kills < KILLS;) {
      const times = kills < FIRST ? first : next;
      if (kills >= FIRST) changeSome(bench.source, roll, tries);
      tries++;
      const code = await killed(bench, roll, times);
      if (code === undefined) kills++;
      else {
        // Quicker than measured, on a machine that is less busy now: the next kill comes earlier.
        expect(code).toBe(0);
        Object.assign(times, { begun: times.begun * 0.8, all: times.all * 0.8 });
      }
      await expectSound(bench, known);
      // Kill upon kill as well: what one leaves, the next one meets.
      if (kills >= FIRST && roll(2) === 0) await expectComplete(bench, known);
    }
    await expectComplete(bench, known);
    const drift = await bench.mikura("drift");
    expect([drift.code, drift.stdout]).toEqual([0, "○ No drift\n"]);
    const copy = COPIES[vault % COPIES.length]!;
    expect(() => bench.restic(copy, ["check", "--read-data"])).not.toThrow();
  }
  console.log(`${tries} runs for ${VAULTS * KILLS} kills`);
}, 600_000);

/** Times of the first backup and of one with small changes. */
async function measure(empty: Workbench): Promise<[Times, Times]> {
  using bench = twinOf(empty);
  const first = await timesOf(bench);
  changeSome(bench.source, dice(SEED), 0);
  return [first, await timesOf(bench)];
}

async function timesOf(bench: Workbench): Promise<Times> {
  const start = performance.now();
  const begun = join(bench.path, "state/scan/books/memory.new");
  const { ended } = bench.start("backup", []);
  await until(() => existsSync(begun));
  const times = [performance.now() - start];
  expect((await ended).code).toBe(0);
  times.push(performance.now() - start);
  const [begunMs, all] = times.map(Math.round) as [number, number];
  return { begun: begunMs, all };
}
