import { sha256Into } from "../../vault/sha256.ts";
import { COARSE, FINE } from "../../vault/chunker.ts";

/** Bytes of a block: at least one chunk of the largest size is whole in it. */
export const BLOCK_BYTES: number = 2 * COARSE.max;
const MAX_CHUNKS = BLOCK_BYTES / FINE.min + 1;
const ID_BYTES = 32;
/**
 * A thread takes this part of a block's chunks at a time, neighbours, which then lie side by side in
 * its pack: a restore reads them at once.
 */
const RUNS = 8;

/**
 * Words of a block's control table: how many chunks it has and which is the next to take, in one
 * word, so that a chunk is taken only if both are as they were seen; how many are done; their ends.
 */
const CHUNKS = 0;
const DONE = 1;
const ENDS = 2;
const COUNT_SHIFT = 16;
const NEXT_MASK = 0xffff;
const BLOCK_WORDS = ENDS + MAX_CHUNKS;

/** What lies before the blocks' tables: a number that grows with every event, and the reader. */
const EVENTS = 0;
const READER = 1;
const HEAD_WORDS = 2;

/** Shared memory of the blocks. */
export interface BlockTables {
  readonly bytes: readonly SharedArrayBuffer[];
  readonly ids: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

/** Takes one blob of plaintext; the bytes are only valid during the call. */
export type TakeBlob = (id: Buffer, plain: Uint8Array) => void;

/**
 * A ring of blocks of one large file. Its reader fills a block, says where the chunks in it end, and
 * fills the next; whatever thread is free seals chunks. So the file is read once, in order, by one
 * thread (its whole hash needs that), and sealed by all.
 */
export class ChunkBlocks {
  readonly tables: BlockTables;
  readonly #control: Int32Array;

  constructor(tables: BlockTables) {
    this.tables = tables;
    this.#control = new Int32Array(tables.control);
  }

  static create(count: number): ChunkBlocks {
    const words = HEAD_WORDS + count * BLOCK_WORDS;
    return new ChunkBlocks({
      bytes: Array.from({ length: count }, () => new SharedArrayBuffer(BLOCK_BYTES)),
      ids: new SharedArrayBuffer(count * MAX_CHUNKS * ID_BYTES),
      control: new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT),
    });
  }

  get count(): number {
    return this.tables.bytes.length;
  }

  /** True where the caller is now the one reader; others seal their files alone meanwhile. */
  begin(): boolean {
    return Atomics.compareExchange(this.#control, READER, 0, 1) === 0;
  }

  end(): void {
    Atomics.store(this.#control, READER, 0);
    this.#happened();
  }

  get open(): boolean {
    return Atomics.load(this.#control, READER) === 1;
  }

  bytes(block: number): Buffer {
    return Buffer.from(this.tables.bytes[block]!);
  }

  /** Gives the chunks of a full block to whoever is free. `ends`: where each chunk ends. */
  publish(block: number, ends: readonly number[]): void {
    const at = this.#at(block);
    for (const [i, end] of ends.entries()) this.#control[at + ENDS + i] = end;
    Atomics.store(this.#control, at + CHUNKS, ends.length << COUNT_SHIFT);
    this.#happened();
  }

  /** Seals some chunks that nobody has taken yet; false where there are none. */
  work(take: TakeBlob): boolean {
    for (let block = 0; block < this.count; block++) {
      const run = this.#claim(block);
      if (!run) continue;
      const [from, to] = run;
      try {
        for (let chunk = from; chunk < to; chunk++) this.#seal(block, chunk, take);
      } finally {
        // Also when it failed: that ends the run, and nobody may wait for these chunks.
        Atomics.add(this.#control, this.#at(block) + DONE, to - from);
        this.#happened();
      }
      return true;
    }
    return false;
  }

  #seal(block: number, chunk: number, take: TakeBlob): void {
    const ends = this.#at(block) + ENDS;
    const start = chunk === 0 ? 0 : this.#control[ends + chunk - 1]!;
    const plain = this.bytes(block).subarray(start, this.#control[ends + chunk]);
    const id = Buffer.from(this.tables.ids, (block * MAX_CHUNKS + chunk) * ID_BYTES, ID_BYTES);
    sha256Into(id, plain);
    take(id, plain);
  }

  /**
   * Ids of the chunks of a block once all are sealed; none where nothing was published since. The
   * caller seals chunks meanwhile.
   */
  collect(block: number, take: TakeBlob): Buffer {
    const at = this.#at(block);
    for (;;) {
      const events = this.events;
      const count = Atomics.load(this.#control, at + CHUNKS) >>> COUNT_SHIFT;
      if (Atomics.load(this.#control, at + DONE) === count) {
        Atomics.store(this.#control, at + CHUNKS, 0);
        Atomics.store(this.#control, at + DONE, 0);
        const from = block * MAX_CHUNKS * ID_BYTES;
        return Buffer.from(Buffer.from(this.tables.ids, from, count * ID_BYTES));
      }
      if (!this.work(take)) this.wait(events);
    }
  }

  /** Grows with everything that a thread may wait for. */
  get events(): number {
    return Atomics.load(this.#control, EVENTS);
  }

  /** Until something has happened since `events` was read. Blocks the thread. */
  wait(events: number): void {
    Atomics.wait(this.#control, EVENTS, events);
  }

  /** Chunks that are now the caller's: the first, and the first behind them. */
  #claim(block: number): readonly [number, number] | undefined {
    const at = this.#at(block) + CHUNKS;
    for (;;) {
      const chunks = Atomics.load(this.#control, at);
      const [count, from] = [chunks >>> COUNT_SHIFT, chunks & NEXT_MASK];
      if (from === count) return undefined;
      const run = Math.min(count - from, Math.ceil(count / RUNS));
      if (Atomics.compareExchange(this.#control, at, chunks, chunks + run) === chunks)
        return [from, from + run];
    }
  }

  #at(block: number): number {
    return HEAD_WORDS + block * BLOCK_WORDS;
  }

  #happened(): void {
    Atomics.add(this.#control, EVENTS, 1);
    Atomics.notify(this.#control, EVENTS);
  }
}
