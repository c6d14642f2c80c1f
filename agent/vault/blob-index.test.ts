import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { BlobIndex, type BlobPlace, type BlobTables } from "./blob-index.ts";

const ids = Array.from({ length: 20_000 }, (_, n) =>
  createHash("sha256").update(String(n)).digest(),
);
/** The id of blob number `n`. */
const idOf = (n: number): Buffer => ids[n]!;

const place = (n: number): BlobPlace => ({
  pack: n % 7,
  offset: n * 3,
  length: n + 32,
  rawLength: n,
  type: n % 4,
});

describe("BlobIndex", () => {
  it("does what a Map does, whatever is claimed, located, found and grown", () => {
    type Step = { do: "claim" | "locate" | "find" | "grow"; n: number };
    const step = fc.record<Step>({
      do: fc.constantFrom("claim", "locate", "find", "grow"),
      n: fc.nat(40),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = BlobIndex.create(0);
        const model = new Map<number, BlobPlace | undefined>();
        for (const { do: what, n } of steps) {
          if (what === "grow") index.grow(index.capacity + n * 100);
          else if (what === "claim") {
            expect(index.claim(idOf(n))).toBe(!model.has(n));
            if (!model.has(n)) model.set(n, undefined);
          } else if (what === "locate") {
            const at = place(n + model.size);
            index.locate(idOf(n), at);
            model.set(n, model.get(n) ?? at);
          }
          const entry = index.find(idOf(n));
          expect(entry >= 0).toBe(model.has(n));
          expect(entry < 0 ? undefined : index.place(entry)).toEqual(model.get(n));
          expect(index.count).toBe(model.size);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("tells ids apart that begin with the same word, and so share a slot", () => {
    const index = BlobIndex.create(0);
    const ids = Array.from({ length: 300 }, (_, i) => {
      const id = Buffer.alloc(32, 0xee);
      id.writeUInt32LE(i, 28);
      return id;
    });
    for (const id of ids) expect(index.claim(id)).toBe(true);
    for (const id of ids) expect(index.claim(id)).toBe(false);
    expect(new Set(ids.map((id) => index.find(id))).size).toBe(300);
    expect(index.find(Buffer.alloc(32, 0xee))).toBe(-1);
  });

  it("keeps a blob where it was first", () => {
    const index = BlobIndex.create(0);
    index.locate(idOf(1), place(5));
    index.locate(idOf(1), place(6));
    expect(index.place(index.find(idOf(1)))).toEqual(place(5));
  });

  it("holds the largest numbers of the format", () => {
    const most = {
      pack: 9,
      offset: 2 ** 32 - 1,
      length: 2 ** 32 - 1,
      rawLength: 2 ** 32 - 1,
      type: 3,
    };
    const index = BlobIndex.create(0);
    index.locate(idOf(1), most);
    expect(index.place(index.find(idOf(1)))).toEqual(most);
  });

  it("throws when it is full, and goes on when it has grown", () => {
    const index = BlobIndex.create(1024);
    expect(index.capacity).toBe(1024);
    for (let n = 0; n < 1024; n++) index.locate(idOf(n), place(n));
    expect(() => index.claim(idOf(5000))).toThrow("BlobIndex is full");
    expect(index.claim(idOf(7)), "what is known needs no room").toBe(false);

    const second = BlobIndex.create(1024);
    for (let n = 0; n < 1024; n++) second.locate(idOf(n), place(n));
    second.grow(1025);
    expect(second.capacity).toBe(2048);
    expect(second.claim(idOf(5000))).toBe(true);
    for (let n = 0; n < 1024; n++) expect(second.place(second.find(idOf(n)))).toEqual(place(n));
  });

  it("does not shrink", () => {
    const index = BlobIndex.create(5000);
    const { tables } = index;
    index.grow(5000);
    expect(index.tables).toBe(tables);
  });

  it("shows another holder of its tables the same blobs", () => {
    const index = BlobIndex.create(0);
    const other = new BlobIndex(index.tables);
    index.locate(idOf(1), place(1));
    expect(other.place(other.find(idOf(1)))).toEqual(place(1));
    expect(other.claim(idOf(2))).toBe(true);
    expect(index.claim(idOf(2))).toBe(false);
  });
});

/** A thread that waits for the start and claims its ids, each several times. */
const THREAD = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(({ BlobIndex }) => {
    const { tables, ids, gate } = workerData;
    const index = new BlobIndex(tables);
    const won = [];
    Atomics.add(gate, 1, 1);
    while (Atomics.load(gate, 0) === 0);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < ids.length / 32; i++) {
        if (index.claim(ids.subarray(i * 32, i * 32 + 32))) won.push(i);
      }
    }
    parentPort.postMessage(won);
  });
`;

interface Race {
  /** Numbers of the blobs that each thread won. */
  readonly won: number[][];
  readonly index: BlobIndex;
}

/** Lets threads claim the same blobs at the same time, in an order of their own. */
async function race(threads: number, blobs: number, capacity: number): Promise<Race> {
  const index = BlobIndex.create(capacity);
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const numbers = Array.from({ length: blobs }, (_, i) => i);
  const running = Array.from({ length: threads }, (_, t) => {
    // Half of the threads go backwards: they meet in the middle, and the others all the way.
    const order = t % 2 === 0 ? numbers : numbers.toReversed();
    const ids = new Uint8Array(Buffer.concat(order.map((n) => idOf(n))));
    const workerData: { tables: BlobTables; ids: Uint8Array; gate: Int32Array; module: string } = {
      tables: index.tables,
      ids,
      gate,
      module: new URL("blob-index.ts", import.meta.url).href,
    };
    const worker = new Worker(THREAD, { eval: true, workerData });
    return new Promise<number[]>((resolve, reject) => {
      worker.on("message", (won: number[]) => resolve(won.map((i) => order[i]!)));
      worker.on("error", reject);
    });
  });
  while (Atomics.load(gate, 1) < threads) await new Promise((resolve) => setTimeout(resolve, 1));
  Atomics.store(gate, 0, 1);
  return { won: await Promise.all(running), index };
}

test.each([2, 4])("BlobIndex gives each blob to exactly one of %i threads", async (threads) => {
  const blobs = ids.length;
  for (let turn = 0; turn < 2; turn++) {
    // A thread that loses the race for a blob has used up an entry: the room is for every try.
    const { won, index } = await race(threads, blobs, blobs * threads);
    const all = won.flat().toSorted((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: blobs }, (_, i) => i));
    for (let n = 0; n < blobs; n++) if (index.find(idOf(n)) < 0) throw new Error(`lost blob ${n}`);
    index.grow(index.capacity * 2);
    for (let n = 0; n < blobs; n++) if (index.claim(idOf(n))) throw new Error(`forgot blob ${n}`);
  }
});
