import { describe, expect, it, test } from "vitest";
import { type RawName, rawFromText } from "../../base/raw-name.ts";
import { FileBatches, readFileOf } from "./file-batches.ts";
import { STAT, STAT_WORDS, type SealedFiles } from "./seal-messages.ts";
import type { Sealers } from "./sealers.ts";

/** Results of files with so many blobs each; undefined: it could not be read. */
function resultsOf(blobs: readonly (number | undefined)[]): SealedFiles {
  const stats = new BigInt64Array(blobs.length * STAT_WORDS);
  const sha256 = new Uint8Array(blobs.length * 32);
  const errors = new Map<number, string>();
  const parts: Buffer[] = [];
  let ids = 0;
  blobs.forEach((count, i) => {
    const at = i * STAT_WORDS;
    ids += count ?? 0;
    stats[at + STAT.blobsEnd] = BigInt(ids);
    if (count === undefined) {
      errors.set(i, "EACCES");
      return;
    }
    stats[at + STAT.size] = BigInt(1000 + i);
    stats[at + STAT.mtime] = -1n; // 1 ns before 1970: second -1 and 999,999,999 ns
    stats[at + STAT.mtime + 1] = 999_999_999n;
    stats[at + STAT.ctime] = 13_000_000_000n; // beyond 2262
    stats[at + STAT.inode] = -1n; // the largest unsigned
    stats[at + STAT.device] = -2n;
    stats[at + STAT.stable] = BigInt(i % 2);
    sha256.fill(i, i * 32, i * 32 + 32);
    for (let n = 0; n < count; n++) parts.push(Buffer.alloc(32, 10 * i + n));
  });
  return { stats, sha256, errors, blobs: new Uint8Array(Buffer.concat(parts)) };
}

describe("readFileOf", () => {
  const results = resultsOf([2, undefined, 0, 1, 3]);

  test.each([
    [0, [0, 1]],
    [2, []],
    [3, [30]],
    [4, [40, 41, 42]],
  ])("gives file %i the blobs %o", (i, blobs) => {
    const read = readFileOf(results, i);
    if (typeof read === "string") throw new Error(read);
    const ids = blobs.map((byte) => Buffer.alloc(32, byte));
    expect(Buffer.from(read.content.blobs)).toEqual(Buffer.concat(ids));
    expect(Buffer.from(read.content.sha256)).toEqual(Buffer.alloc(32, i));
    expect(read.content.size).toBe(BigInt(1000 + i));
    expect(read.stable).toBe(i % 2 === 1);
  });

  it("gives the errno of a file that could not be read", () => {
    expect(readFileOf(results, 1)).toBe("EACCES");
  });

  it("gives numbers as lstat has them: times before 1970 and after 2262, 64 unsigned bits", () => {
    const read = readFileOf(results, 0);
    expect(read).toMatchObject({
      stat: {
        mtimeNs: -1n,
        ctimeNs: 13000000000000000000n,
        ino: 2n ** 64n - 1n,
        dev: 2n ** 64n - 2n,
      },
    });
  });
});

/** Sealing threads that answer when they are told to. */
function fakeSealers() {
  const sent: {
    paths: readonly RawName[];
    bytes: number;
    answer: PromiseWithResolvers<SealedFiles>;
  }[] = [];
  const room = { wait: Promise.resolve() };
  const sealers = {
    room: () => room.wait,
    files(paths: readonly RawName[], bytes: number) {
      const answer = Promise.withResolvers<SealedFiles>();
      sent.push({ paths, bytes, answer });
      return answer.promise;
    },
  };
  return { batches: new FileBatches(sealers as unknown as Sealers), sent, room };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("FileBatches", () => {
  it("is full at 256 files or at 4 MiB", () => {
    const { batches } = fakeSealers();
    for (let i = 0; i < 255; i++) batches.add(rawFromText(`${i}`), 0n);
    expect(batches.full).toBe(false);
    batches.add(rawFromText("last"), 0n);
    expect(batches.full).toBe(true);

    const large = fakeSealers().batches;
    large.add(rawFromText("a"), (4n << 20n) - 1n);
    expect(large.full).toBe(false);
    large.add(rawFromText("b"), 1n);
    expect(large.full).toBe(true);
  });

  it("gives each file the results of its own batch", async () => {
    const { batches, sent } = fakeSealers();
    const [a, b] = [batches.add(rawFromText("a"), 5n), batches.add(rawFromText("b"), 6n)];
    await batches.send();
    const c = batches.add(rawFromText("c"), 7n);
    await batches.send();
    expect(sent.map(({ paths, bytes }) => [paths, bytes])).toEqual([
      [["a", "b"], 11],
      [["c"], 7],
    ]);
    expect([a.i, b.i, c.i]).toEqual([0, 1, 0]);
    const results = [resultsOf([1, 1]), resultsOf([1])];
    sent[1]!.answer.resolve(results[1]!);
    await batches.next();
    expect([a.batch.results, c.batch.results]).toEqual([undefined, results[1]]);
    sent[0]!.answer.resolve(results[0]!);
    await batches.finish();
    expect(a.batch.results).toBe(results[0]);
    expect(b.batch).toBe(a.batch);
  });

  it("sends nothing where nothing is gathered, and finishes at once", async () => {
    const { batches, sent } = fakeSealers();
    await batches.send();
    await batches.next();
    await batches.finish();
    expect(sent).toEqual([]);
  });

  it("waits for room before it sends", async () => {
    const { batches, sent, room } = fakeSealers();
    const open = Promise.withResolvers<void>();
    room.wait = open.promise;
    batches.add(rawFromText("a"), 1n);
    const sending = batches.send();
    await turn();
    expect(sent).toEqual([]);
    open.resolve();
    await sending;
    expect(sent).toHaveLength(1);
  });

  it("throws what a thread died of, once, at next or finish", async () => {
    const { batches, sent } = fakeSealers();
    for (const name of ["a", "b"]) {
      batches.add(rawFromText(name), 1n);
      await batches.send();
    }
    sent[0]!.answer.reject(new Error("the thread died"));
    sent[1]!.answer.reject(new Error("and the other"));
    await turn();
    await expect(batches.next()).rejects.toThrow("the thread died");
    await expect(batches.finish()).rejects.toThrow("the thread died");
  });
});
