import { splitSeconds } from "../../base/nanoseconds.ts";
import { ID_BYTES } from "../../vault/ids.ts";
import type { FileResult } from "./seal-file.ts";
import { STAT, STAT_WORDS, type SealedFiles } from "./seal-messages.ts";

/**
 * Gathers a batch's results as they come, flat: an object for each would live to the end of the
 * batch and be copied by every collection of garbage until then.
 */
export class SealedRows {
  readonly #stats: BigInt64Array<ArrayBuffer>;
  readonly #sha256: Uint8Array<ArrayBuffer>;
  readonly #errors = new Map<number, string>();
  #blobs: Uint8Array<ArrayBuffer>;
  #blobBytes = 0;
  #count = 0;

  constructor(files: number) {
    this.#stats = new BigInt64Array(files * STAT_WORDS);
    this.#sha256 = new Uint8Array(files * ID_BYTES);
    this.#blobs = new Uint8Array(files * ID_BYTES);
  }

  /** The next file of the batch. */
  add(result: FileResult): void {
    const file = this.#count++;
    const stats = this.#stats;
    const at = file * STAT_WORDS;
    if (!result.ok) {
      this.#errors.set(file, result.errno);
      stats[at + STAT.blobsEnd] = BigInt(this.#blobBytes / ID_BYTES);
      return;
    }
    const { stat, content, stable } = result;
    this.#append(content.blobs);
    this.#sha256.set(content.sha256, file * ID_BYTES);
    stats[at + STAT.blobsEnd] = BigInt(this.#blobBytes / ID_BYTES);
    stats[at + STAT.mode] = stat.mode;
    stats[at + STAT.size] = BigInt(content.size);
    stats.set(splitSeconds(stat.mtimeNs), at + STAT.mtime);
    stats.set(splitSeconds(stat.ctimeNs), at + STAT.ctime);
    stats[at + STAT.inode] = BigInt.asIntN(64, stat.ino);
    stats[at + STAT.device] = BigInt.asIntN(64, stat.dev);
    stats[at + STAT.links] = stat.nlink;
    stats[at + STAT.uid] = stat.uid;
    stats[at + STAT.gid] = stat.gid;
    stats[at + STAT.stable] = stable ? 1n : 0n;
  }

  finish(): SealedFiles {
    const blobs = this.#blobs.slice(0, this.#blobBytes);
    return { stats: this.#stats, sha256: this.#sha256, errors: this.#errors, blobs };
  }

  #append(ids: Uint8Array): void {
    const end = this.#blobBytes + ids.length;
    if (end > this.#blobs.length) {
      const before = this.#blobs;
      this.#blobs = new Uint8Array(Math.max(end, 2 * before.length));
      this.#blobs.set(before);
    }
    this.#blobs.set(ids, this.#blobBytes);
    this.#blobBytes = end;
  }
}
