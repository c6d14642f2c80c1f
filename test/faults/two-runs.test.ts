import { setTimeout as sleep } from "node:timers/promises";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { COPIES, type Workbench } from "../e2e/workbench.ts";
import {
  dice,
  litterIn,
  restoreDifferences,
  sameObjectsEverywhere,
  smallCompany,
  someBytes,
  twinOf,
  until,
  wrongObjects,
} from "./lab.ts";

let sound: Workbench;
beforeAll(async () => {
  sound = await smallCompany();
  const roll = dice(5);
  // Many folders: then some tree is always on its way when a signal comes.
  for (let n = 0; n < 2000; n++) {
    const folder = join(sound.source, `customers/${n % 40}/${n}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "note.txt"), `note ${n}`);
  }
  for (let n = 0; n < 4; n++) {
    writeFileSync(join(sound.source, `books-${n}.db`), someBytes(roll, 5_000_000));
  }
});
afterAll(() => sound[Symbol.dispose]());

/** There while a backup reads the source. */
const reading = (bench: Workbench): string => join(bench.path, "state/scan/books/memory.new");

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

it("a second run is told so at once (exit 5), and the first one finishes", async () => {
  using bench = twinOf(sound);
  const { child, ended } = bench.start("backup", []);
  await until(() => existsSync(reading(bench)));
  child.kill("SIGSTOP"); // it stays in the middle for as long as this test needs
  onTestFinished(() => void child.kill("SIGKILL"));
  const [, start] = await timed(() => bench.mikura("snapshots", "--help"));
  for (const command of ["backup", "verify", "drift", "drill", "init"]) {
    const [ran, ms] = await timed(() => bench.mikura(command, "--json"));
    expect([command, ran.code, ran.json.error.code]).toEqual([command, 5, "busy"]);
    // Within a second, beyond what any start of the program takes on this machine now.
    expect(ms - start).toBeLessThan(1000);
  }
  child.kill("SIGCONT");
  expect((await ended).code).toBe(0);
  expect(await restoreDifferences(bench, "branch")).toEqual([]);
});

it("of many at once, exactly one works at a time and none does harm", async () => {
  using bench = twinOf(sound);
  for (let round = 0; round < 2; round++) {
    writeFileSync(join(bench.source, `new-${round}`), "new");
    const runs = await Promise.all(Array.from({ length: 6 }, () => bench.mikura("backup")));
    const codes = runs.map(({ code }) => code);
    expect(codes).toContain(0);
    expect(codes.filter((code) => code !== 0 && code !== 5)).toEqual([]);
  }
  expect(sameObjectsEverywhere(bench)).toBe(true);
  expect((await bench.mikura("drift")).code).toBe(0);
});

function changeMuch(bench: Workbench, round: number): void {
  const notes = join(bench.source, "customers");
  for (const inside of readdirSync(notes)) {
    for (const name of readdirSync(join(notes, inside))) {
      writeFileSync(join(notes, inside, name, "note.txt"), `note ${name}, round ${round}`);
    }
  }
  writeFileSync(join(bench.source, "books-0.db"), someBytes(dice(round), 5_000_000));
}

it.each(["SIGTERM", "SIGINT"] as const)(
  "%s at any moment of a backup ends it within two seconds (exit 130)",
  async (signal) => {
    const roll = dice(signal.length);
    using bench = twinOf(sound);
    const [whole, fullMs] = await timed(() => bench.mikura("backup"));
    expect(whole.code).toBe(0);
    let stopped = 0;
    for (let round = 0; round < 5; round++) {
      changeMuch(bench, round);
      rmSync(reading(bench), { force: true });
      const { child, ended } = bench.start("backup", ["--json"]);
      await until(() => existsSync(reading(bench)));
      await Promise.race([ended, sleep(roll(fullMs / 3))]);
      const [ran, ms] = await timed(async () => {
        child.kill(signal);
        return await ended;
      });
      expect(ms).toBeLessThan(2000);
      expect(ran.code, ran.stderr).toBeOneOf([130, 0]); // 0: there was nothing left to stop
      if (ran.code === 130) {
        stopped++;
        expect(ran.json.error.code).toBe("interrupted");
      }
      for (const copy of COPIES) expect(wrongObjects(bench.copy(copy))).toEqual([]);

      expect((await bench.mikura("backup")).code).toBe(0);
      for (const copy of COPIES) expect(litterIn(bench.copy(copy))).toEqual([]);
      expect(sameObjectsEverywhere(bench)).toBe(true);
    }
    expect(await restoreDifferences(bench, "home")).toEqual([]);
    expect(stopped).toBeGreaterThan(0);
  },
);
