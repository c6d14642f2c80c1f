import { misalignment } from "../../base/libc.ts";
import { DIRECT_BLOCK } from "../../copies/direct-writes.ts";
import { MAX_PART } from "./file-parts.ts";
import type { SlotPart } from "./write-messages.ts";

/** Memory that all threads share, for the plaintext of one range. */
export interface PlainSlot {
  readonly memory: SharedArrayBuffer;
  /** Where the first whole block of memory begins. */
  readonly start: number;
}

/**
 * A fixed number of slots: memory does not grow with a file, and the plaintext that one thread
 * opened and wrote is hashed by another without a copy.
 */
export class PlainSlots {
  #left: number;
  readonly #free: PlainSlot[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#left = count;
  }

  /** A slot with room for so many bytes. */
  async take(bytes: number): Promise<PlainSlot> {
    while (this.#left === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#left--;
    if (bytes > MAX_PART) return newSlot(bytes); // one huge blob, as another program may cut
    return this.#free.pop() ?? newSlot(MAX_PART);
  }

  give(slot: PlainSlot): void {
    if (slot.memory.byteLength === roomFor(MAX_PART)) this.#free.push(slot);
    this.#left++;
    this.#waiting.shift()?.();
  }
}

/** The part of a slot for bytes that stand at `position` in a file, aligned as they are there. */
export function partOf(slot: PlainSlot, position: number, length: number): SlotPart {
  return { memory: slot.memory, offset: slot.start + (position % DIRECT_BLOCK), length };
}

function newSlot(bytes: number): PlainSlot {
  const memory = new SharedArrayBuffer(roomFor(bytes));
  const off = misalignment(new Uint8Array(memory), DIRECT_BLOCK);
  return { memory, start: off === 0 ? 0 : DIRECT_BLOCK - off };
}

/** One block to align the memory, one for where in a block the bytes begin. */
function roomFor(bytes: number): number {
  return bytes + 2 * DIRECT_BLOCK;
}
