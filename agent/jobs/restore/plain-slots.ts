import {
  type AlignedMemory,
  DIRECT_BLOCK,
  alignedMemory,
} from "../../copies/local/direct-writes.ts";
import { MAX_PART } from "./file-parts.ts";
import type { SlotPart } from "./write-messages.ts";

/**
 * A fixed number of slots: memory does not grow with a file, and the plaintext that one thread
 * opened and wrote is hashed by another without a copy.
 */
export class PlainSlots {
  #left: number;
  readonly #free: AlignedMemory[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#left = count;
  }

  /** A slot with room for so many bytes. */
  async take(bytes: number): Promise<AlignedMemory> {
    while (this.#left === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#left--;
    if (bytes > MAX_PART) return newSlot(bytes); // one huge blob, as another program may cut
    return this.#free.pop() ?? newSlot(MAX_PART);
  }

  give(slot: AlignedMemory): void {
    if (slot.memory.byteLength <= ORDINARY) this.#free.push(slot);
    this.#left++;
    this.#waiting.shift()?.();
  }
}

/** The part of a slot for bytes that stand at `position` in a file, aligned as they are there. */
export function partOf(slot: AlignedMemory, position: number, length: number): SlotPart {
  return { memory: slot.memory, offset: slot.start + (position % DIRECT_BLOCK), length };
}

/** Memory of a slot that serves again: MAX_PART, and the blocks that aligning takes (bytes). */
const ORDINARY = MAX_PART + 2 * DIRECT_BLOCK;

/** One block more, for where in a block the bytes begin. */
function newSlot(bytes: number): AlignedMemory {
  return alignedMemory(bytes + DIRECT_BLOCK);
}
