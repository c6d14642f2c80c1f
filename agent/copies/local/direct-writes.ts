import { type FileHandle, statfs } from "node:fs/promises";
import { errnoOf } from "../../base/fault.ts";
import { misalignment, setDirect } from "../../base/libc.ts";

/** Memory, length and position of a direct write are multiples of this: the largest block of disks. */
export const DIRECT_BLOCK = 4096;

/** Memory that all threads share, with `bytes` from `start` on, where a direct write can begin. */
export interface AlignedMemory {
  readonly memory: SharedArrayBuffer;
  readonly start: number;
}

export function alignedMemory(bytes: number): AlignedMemory {
  const memory = new SharedArrayBuffer(bytes + DIRECT_BLOCK);
  const behind = misalignment(new Uint8Array(memory), DIRECT_BLOCK);
  return { memory, start: (DIRECT_BLOCK - behind) % DIRECT_BLOCK };
}

/** Less than this is written through the page cache (bytes). */
const WORTH_WHILE = 1024 * 1024;

/**
 * statfs(2) types of file systems that write directly as well as through the cache: ext4, XFS.
 * Others may lose speed by it (FUSE sends one small request at a time) or check sums of memory that
 * they do not own (Btrfs).
 */
const ABLE: ReadonlySet<number> = new Set([0xef53, 0x58465342]);

/** Whether files on a file system of this statfs(2) type are well written past the page cache. */
export function writesDirectly(type: number): boolean {
  return ABLE.has(type);
}

/**
 * Writes of one file past the page cache. Three copies of everything would push all else out of
 * memory, and filling the cache costs more than sealing: for 4 GiB 5.4 s of one processor against
 * 0.5 s (docs/performance.md).
 */
export class DirectWrites {
  readonly #handle: FileHandle;
  readonly #path: string;
  #possible: boolean | undefined;
  #on = false;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /**
   * How many bytes were written: all but an end that is no whole block. Undefined: none, and the
   * file is ready for an ordinary write.
   */
  async write(bytes: Uint8Array, position: number): Promise<number | undefined> {
    const whole = bytes.length - (bytes.length % DIRECT_BLOCK);
    const fits =
      whole >= WORTH_WHILE &&
      position % DIRECT_BLOCK === 0 &&
      misalignment(bytes, DIRECT_BLOCK) === 0;
    if (!fits || !(await this.#begin())) {
      this.#end();
      return undefined;
    }
    try {
      return (await this.#handle.write(bytes, 0, whole, position)).bytesWritten;
    } catch (error) {
      if (errnoOf(error) !== "EINVAL") throw error;
      this.#possible = false; // a device of larger blocks
      this.#end();
      return undefined;
    }
  }

  async #begin(): Promise<boolean> {
    this.#possible ??= writesDirectly((await statfs(this.#path)).type);
    this.#possible &&= this.#on || setDirect(this.#handle.fd, true);
    this.#on = this.#possible;
    return this.#on;
  }

  #end(): void {
    if (this.#on) setDirect(this.#handle.fd, false);
    this.#on = false;
  }
}
