import { type AlignedMemory, alignedMemory } from "../../copies/local/direct-writes.ts";

/**
 * A fixed set of shared buffers that packs are built in: a worker takes one, fills it and hands over
 * its number; it is free again when every copy has the pack. This bounds the memory of a backup
 * whatever the files' sizes are, and no pack is ever copied between threads.
 */
export class PackSlots {
  readonly tables: SlotTables;
  readonly #state: Int32Array;
  readonly #freed: Int32Array;

  constructor(tables: SlotTables) {
    this.tables = tables;
    this.#state = new Int32Array(tables.state);
    this.#freed = this.#state.subarray(tables.buffers.length);
  }

  static create(count: number, bytes: number): PackSlots {
    return new PackSlots({
      buffers: Array.from({ length: count }, () => ({ ...alignedMemory(bytes), bytes })),
      state: new SharedArrayBuffer((count + 1) * Int32Array.BYTES_PER_ELEMENT),
    });
  }

  get free(): number {
    let free = 0;
    for (let slot = 0; slot < this.tables.buffers.length; slot++) {
      if (Atomics.load(this.#state, slot) === FREE) free++;
    }
    return free;
  }

  /** Number of a slot that is now the caller's. Blocks the thread until there is one: workers only. */
  take(): number {
    for (;;) {
      const freed = Atomics.load(this.#freed, 0);
      for (let slot = 0; slot < this.tables.buffers.length; slot++) {
        if (Atomics.compareExchange(this.#state, slot, FREE, TAKEN) === FREE) return slot;
      }
      Atomics.wait(this.#freed, 0, freed);
    }
  }

  bytes(slot: number): Buffer {
    const { memory, start, bytes } = this.tables.buffers[slot]!;
    return Buffer.from(memory, start, bytes);
  }

  release(slot: number): void {
    Atomics.store(this.#state, slot, FREE);
    Atomics.add(this.#freed, 0, 1);
    Atomics.notify(this.#freed, 0);
  }
}

const FREE = 0;
const TAKEN = 1;

interface SlotMemory extends AlignedMemory {
  readonly bytes: number;
}

/** The shared memory of the slots. */
export interface SlotTables {
  readonly buffers: readonly SlotMemory[];
  readonly state: SharedArrayBuffer;
}
