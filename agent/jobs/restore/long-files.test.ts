import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rawFromText } from "../../base/raw-name.ts";
import { BlobIndex } from "../../vault/blob-index.ts";
import { idOf } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { FileTask } from "./file-parts.ts";
import { LongFiles } from "./long-files.ts";
import type { WriterReply, WriterTask } from "./write-messages.ts";
import type { Writers } from "./writers.ts";

const RANGES = 8;
const SIZE = 100;
const WHOLE = "ab".repeat(32);
const NOTHING: WriterReply = { files: 0, bytes: 0, wrong: [] };
const never = new AbortController().signal;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mikura-long-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A file of several ranges, none of which follows another in its pack. */
function longFile(sha256: string | undefined): { index: BlobIndex; task: FileTask } {
  const index = BlobIndex.create(1024);
  const content = Array.from({ length: RANGES }, (_, i) => {
    const id = idOf(Buffer.of(i));
    const place = { pack: 0, offset: 1000 * i, length: SIZE + 32, rawLength: SIZE, type: 0 };
    index.locate(Buffer.from(id, "hex"), place);
    return id;
  });
  const node = { content, size: BigInt(RANGES * SIZE), mode: 0o640, mtime: 5_000_000_007n };
  const path = rawFromText(join(folder, "file"));
  return { index, task: { path, node: node as unknown as TreeNode, sha256 } };
}

/** Writing threads that answer late and in no order; `positions` hears what was hashed. */
function lateWriters(
  why: (position: number) => string | undefined,
  hashed: number[] = [],
): Writers {
  const positionOf = new Map<object, number>();
  const run = async (task: WriterTask): Promise<WriterReply> => {
    if (task.kind === "range") {
      positionOf.set(task.slot, task.position);
      await new Promise((resolve) => setTimeout(resolve, (task.position * 7) % 11));
      const reason = why(task.position);
      return { ...NOTHING, wrong: reason === undefined ? [] : [{ file: 0, why: reason }] };
    }
    if (task.kind === "hash" && task.plain) hashed.push(positionOf.get(task.plain)!);
    return task.kind === "hash" && !task.plain ? { ...NOTHING, sha256: WHOLE } : NOTHING;
  };
  return { count: 2, room: async () => {}, run } as unknown as Writers;
}

async function restored(
  writers: Writers,
  sha256?: string,
  read: () => Promise<Uint8Array<ArrayBuffer> | undefined> = async () => new Uint8Array(1),
): Promise<string | undefined> {
  const { index, task } = longFile(sha256);
  const options = { owners: false, direct: false };
  return await new LongFiles({ index, writers, read, options }).restore(task, never);
}

test("ranges are hashed once each and in the order of the file, however they end", async () => {
  const hashed: number[] = [];
  expect(
    await restored(
      lateWriters(() => undefined, hashed),
      WHOLE,
    ),
  ).toBeUndefined();
  expect(hashed).toEqual(Array.from({ length: RANGES }, (_, i) => i * SIZE));
  expect(readFileSync(join(folder, "file"))).toHaveLength(RANGES * SIZE);
});

test.each(Array.from({ length: RANGES }, (_, i) => i))(
  "what is wrong in range %i only is wrong with the file, and nothing is left of it",
  async (bad) => {
    const writers = lateWriters((position) => (position === bad * SIZE ? "damaged" : undefined));
    expect(await restored(writers)).toBe("damaged");
    expect(existsSync(join(folder, "file"))).toBe(false);
  },
);

test("the whole must be what the manifest says", async () => {
  expect(
    await restored(
      lateWriters(() => undefined),
      "cd".repeat(32),
    ),
  ).toBe("differs");
  expect(existsSync(join(folder, "file"))).toBe(false);
});

test("what the copy cannot give is damaged, and a fault ends it", async () => {
  const writers = lateWriters(() => undefined);
  expect(await restored(writers, WHOLE, async () => undefined)).toBe("damaged");
  const fault = async (): Promise<never> => {
    throw new Error("copy away");
  };
  await expect(restored(writers, WHOLE, fault)).rejects.toThrow("copy away");
});
