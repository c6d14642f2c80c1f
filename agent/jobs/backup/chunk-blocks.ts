import { hash } from "node:crypto";
import { MAX_CHUNK, MIN_CHUNK } from "../../vault/chunker.ts";

/** Bytes of a block: at least one chunk of the largest size is whole in it. */
export const BLOCK_BYTES: number = 2 * MAX_CHUNK;
const MAX_CHUNKS = BLOCK_BYTES / MIN_CHUNK + 1;
const ID_BYTES = 32;

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

  /** Seals one chunk that nobody has taken yet; false where there is none. */
  work(take: TakeBlob): boolean {
    for (let block = 0; block < this.count; block++) {
      const chunk = this.#claim(block);
      if (chunk === undefined) continue;
      const at = this.#at(block);
      try {
        const start = chunk === 0 ? 0 : this.#control[at + ENDS + chunk - 1]!;
        const plain = this.bytes(block).subarray(start, this.#control[at + ENDS + chunk]);
        const id = hash("sha256", plain, "buffer");
        take(id, plain);
        Buffer.from(this.tables.ids).set(id, (block * MAX_CHUNKS + chunk) * ID_BYTES);
      } finally {
        // Also when it failed: that ends the run, and nobody may wait for this chunk.
        Atomics.add(this.#control, at + DONE, 1);
        this.#happened();
      }
      return true;
    }
    return false;
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

  #claim(block: number): number | undefined {
    const at = this.#at(block) + CHUNKS;
    for (;;) {
      const chunks = Atomics.load(this.#control, at);
      const next = chunks & NEXT_MASK;
      if (next === chunks >>> COUNT_SHIFT) return undefined;
      if (Atomics.compareExchange(this.#control, at, chunks, chunks + 1) === chunks) return next;
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
