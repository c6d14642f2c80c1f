import { chmodSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Fault } from "../../agent/base/fault.ts";
import { openSource } from "../../agent/jobs/common/open-source.ts";
import type { Workplace } from "../../agent/jobs/common/workplace.ts";
import { type RestoreWish, restore } from "../../agent/jobs/restore/restore.ts";
import { treeDifferences } from "../e2e/same-tree.ts";
import { type Workbench, Workbench as Bench } from "../e2e/workbench.ts";
import { dice, objectsIn, openPlace, someBytes, succeeds } from "./lab.ts";

/*
 * Total mutation: in a vault of some KB, every byte of every object of one copy is changed, one at a
 * time. A restore from that copy must fail, or give exactly the right files.
 */

let bench: Workbench;
let place: Workplace;
let tmpdirBefore: string | undefined;
beforeAll(async () => {
  tmpdirBefore = process.env["TMPDIR"];
  // Thousands of restores: a folder in memory spares the disk as many fsyncs.
  if (readdirSync("/dev").includes("shm")) process.env["TMPDIR"] = "/dev/shm";
  bench = new Bench();
  const roll = dice(6);
  writeFileSync(join(bench.source, "売掛金.csv"), "1001,120000\r\n");
  writeFileSync(
    join(bench.source, "b.bin"),
    someBytes(() => roll(256), 70),
  );
  writeFileSync(join(bench.source, "empty"), "");
  await bench.init();
  await succeeds(bench, "backup");
  place = await openPlace(bench);
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  bench[Symbol.dispose]();
  if (tmpdirBefore === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = tmpdirBefore;
});

const from = (to: RestoreWish["to"]): RestoreWish => ({
  copy: "home",
  to,
  dataset: undefined,
  snapshot: undefined,
  paths: [],
});

/** The zip of the restored files; undefined where the restore failed as a Fault. */
async function restoredZip(): Promise<Buffer | undefined> {
  const zip = join(bench.path, "restored.zip");
  rmSync(zip, { force: true });
  try {
    const { wrong, manifest } = await restore(place, from({ zip }));
    return wrong.length > 0 || manifest === "other" ? undefined : readFileSync(zip);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === "internal") throw error;
    return undefined;
  }
}

/** Runs `work` while the object has other bytes. */
async function withBytes(path: string, bytes: Buffer, work: () => Promise<void>): Promise<void> {
  const good = readFileSync(path);
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
  try {
    await work();
  } finally {
    writeFileSync(path, good);
  }
}

function flipped(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes);
  other[at]! ^= 1 << (at % 8);
  return other;
}

const isRecoveryKey = (path: string): boolean => readFileSync(path).includes('"N":32768');

it("every byte of every object, and of the marker, is proved or does not matter", async () => {
  const root = bench.copy("home");
  const right = (await restoredZip())!;
  const objects = objectsIn(root);
  objects.set("mikura/copy.json", join(root, "mikura/copy.json"));
  const recovery = [...objects].find(([, path]) => isRecoveryKey(path))!;
  const seen: Record<string, { bytes: number; failed: number }> = {};

  async function mutate(object: string, path: string): Promise<void> {
    const kind = object.split("/")[0]!;
    const count = (seen[kind] ??= { bytes: 0, failed: 0 });
    const good = readFileSync(path);
    for (let at = 0; at < good.length; at++) {
      await withBytes(path, flipped(good, at), async () => {
        const zip = await restoredZip();
        if (zip === undefined) count.failed++;
        else expect(zip.equals(right), `${object} byte ${at}: a wrong restore`).toBe(true);
      });
      count.bytes++;
    }
  }

  // With the recovery code's key in the copy, each of its bytes; then without it, since trying it
  // costs half a second whenever the agent's key is damaged.
  await mutate(...recovery);
  const kept = readFileSync(recovery[1]);
  rmSync(recovery[1]);
  for (const [object, path] of objects) if (path !== recovery[1]) await mutate(object, path);
  writeFileSync(recovery[1], kept);
  console.log("bytes changed, restores that failed:", seen);

  // All that a restore needs is proved to the last byte; packs have a header that it does not read.
  for (const kind of ["index", "snapshots"]) expect(seen[kind]!.failed).toBe(seen[kind]!.bytes);
  expect(seen["config"]!.failed).toBe(0);
  expect(seen["data"]!.failed).toBeGreaterThan(seen["data"]!.bytes / 2);
  expect((await restoredZip())!.equals(right)).toBe(true);
}, 300_000);

it("every byte of a data pack, restored into a folder: each file is right or listed", async () => {
  const { path, blobs, header } = await packOfFiles();
  const good = readFileSync(path);
  const most = Math.max(...blobs.map(({ length }) => length));
  let listed = 0;
  // One byte of each blob at a time: blobs are proved each by itself, whatever its neighbours are.
  for (let n = 0; n < most; n++) {
    const bytes = Buffer.from(good);
    for (const { offset, length } of blobs) if (n < length) bytes[offset + n]! ^= 1 << (n % 8);
    for (let at = n; at < header.length; at += most) bytes[header.offset + at]! ^= 1 << (n % 8);
    await withBytes(path, bytes, async () => {
      const folder = bench.newFolder();
      const { wrong } = await restore(place, from({ folder }));
      listed += wrong.length;
      const there = treeDifferences(bench.source, join(folder, bench.source));
      // Whatever is there is right; whatever is not there was listed.
      expect(there.filter((line) => !line.includes("only in the first"))).toEqual([]);
      expect(there).toHaveLength(wrong.length);
      rmSync(folder, { recursive: true });
    });
  }
  expect(listed).toBeGreaterThan(0);
});

interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** The pack that holds the source's small files: where their blobs lie in it, and its header. */
async function packOfFiles(): Promise<{ path: string; blobs: Extent[]; header: Extent }> {
  const { index } = await openSource(place, "home");
  const blobs = readdirSync(bench.source)
    .map((name) => readFileSync(join(bench.source, name)))
    .filter(({ length }) => length > 0)
    // A small file is one blob, and its name is the hash of what it holds.
    .map((content) => index.find("data", hash("sha256", content))!);
  const { pack, packName } = blobs[0]!;
  const path = objectsIn(bench.copy("home")).get(`data/${packName}`)!;
  const all = Array.from({ length: index.data.count }, (_, n) => index.data.place(n)!);
  const ends = all.filter((blob) => blob.pack === pack).map((blob) => blob.offset + blob.length);
  const offset = Math.max(...ends);
  return { path, blobs, header: { offset, length: readFileSync(path).length - offset } };
}
