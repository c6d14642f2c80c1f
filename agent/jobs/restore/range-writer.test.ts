import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { partOf, PlainSlots } from "./plain-slots.ts";
import { writeSparse } from "./range-writer.ts";

const KIB = 1024;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mikura-range-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What lies in a file after these bytes were written, in ranges of the given lengths. */
async function written(
  bytes: Buffer,
  lengths: readonly number[],
  direct: boolean,
): Promise<Buffer> {
  const path = join(folder, "file");
  const file = openSync(path, "wx");
  const past = direct ? openSync(path, constants.O_WRONLY | constants.O_DIRECT) : -1;
  const slots = new PlainSlots(1);
  let position = 0;
  for (const length of [...lengths, bytes.length]) {
    const end = Math.min(bytes.length, position + length);
    const slot = await slots.take(end - position);
    const { memory, offset } = partOf(slot, position, end - position);
    const plain = Buffer.from(memory, offset, end - position);
    bytes.copy(plain, 0, position, end);
    writeSparse(file, past, plain, position, end === bytes.length);
    slots.give(slot);
    position = end;
  }
  for (const fd of [file, past]) if (fd >= 0) closeSync(fd);
  return readFileSync(path);
}

const noise = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => 1 + ((i * 7919) % 251)));

test.each([
  ["through the page cache", false],
  ["past it", true],
] as const)("bytes are written as they are, %s", async (_how, direct) => {
  const bytes = noise(3 * 1024 * KIB + 77);
  expect((await written(bytes, [1, 700 * KIB + 3, 4096, 1024 * KIB], direct)).equals(bytes)).toBe(
    true,
  );
});

test.each([
  ["in the middle", Buffer.concat([noise(64 * KIB), Buffer.alloc(640 * KIB), noise(9)])],
  ["at the end", Buffer.concat([noise(64 * KIB), Buffer.alloc(640 * KIB)])],
  ["everywhere", Buffer.alloc(704 * KIB)],
])("zeros %s become a hole", async (_where, bytes) => {
  expect((await written(bytes, [], false)).equals(bytes)).toBe(true);
  expect(statSync(join(folder, "file")).blocks * 512).toBeLessThan(200 * KIB);
});

test("a hole goes on from one range to the next", async () => {
  const bytes = Buffer.concat([noise(4 * KIB), Buffer.alloc(3072 * KIB), noise(4 * KIB)]);
  const cuts = [300 * KIB + 3, 700 * KIB + 5001, 1500 * KIB, 2222 * KIB + 1];
  expect((await written(bytes, cuts, false)).equals(bytes)).toBe(true);
  expect(statSync(join(folder, "file")).blocks * 512).toBeLessThanOrEqual(144 * KIB);
});

test("nothing is nothing", async () => {
  expect(await written(Buffer.alloc(0), [], false)).toHaveLength(0);
});
