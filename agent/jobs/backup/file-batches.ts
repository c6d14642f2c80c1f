import { asFault, type Fault } from "../../base/fault.ts";
import type { RawName } from "../../base/raw-name.ts";
import { type Stat, statOf } from "./nodes.ts";
import { STAT, STAT_WORDS, type SealedFiles } from "./seal-messages.ts";
import type { Sealers } from "./sealers.ts";

/** A file on its way through a sealing thread. */
export interface Ticket {
  readonly batch: { results?: SealedFiles };
  /** Number of the file in the batch. */
  readonly i: number;
}

/** A file that has been read and sealed. */
export interface ReadFile {
  /** As it was when it had been read. */
  readonly stat: Stat;
  readonly content: FileBlobs;
  /** False where it changed each time it was read. */
  readonly stable: boolean;
}

export interface FileBlobs {
  readonly size: bigint;
  /** 32 bytes a blob. */
  readonly blobs: Uint8Array;
  readonly sha256: Uint8Array;
}

/** Many small files make one message to a thread; a batch is sent at either bound. */
const BATCH_FILES = 256;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Gathers files for the sealing threads. */
export class FileBatches {
  readonly #sealers: Sealers;
  #paths: RawName[] = [];
  #bytes = 0;
  #batch: Ticket["batch"] = {};
  readonly #underWay = new Set<Promise<void>>();
  #failed: Fault | undefined;

  constructor(sealers: Sealers) {
    this.#sealers = sealers;
  }

  add(path: RawName, size: bigint): Ticket {
    this.#paths.push(path);
    this.#bytes += Number(size);
    return { batch: this.#batch, i: this.#paths.length - 1 };
  }

  get full(): boolean {
    return this.#paths.length >= BATCH_FILES || this.#bytes >= BATCH_BYTES;
  }

  /** Sends what is gathered, once a thread can take it. */
  async send(): Promise<void> {
    if (this.#paths.length === 0) return;
    const { paths, bytes, batch } = { paths: this.#paths, bytes: this.#bytes, batch: this.#batch };
    this.#paths = [];
    this.#bytes = 0;
    this.#batch = {};
    await this.#sealers.room();
    const work = this.#receive(batch, paths, bytes);
    this.#underWay.add(work);
    void work.then(() => this.#underWay.delete(work));
  }

  /** Sends the rest and waits for every result. */
  async finish(): Promise<void> {
    await this.send();
    await Promise.all(this.#underWay);
    this.#check();
  }

  /** Sends what is gathered and waits for one more result. */
  async next(): Promise<void> {
    await this.send();
    if (this.#underWay.size > 0) await Promise.race(this.#underWay);
    this.#check();
  }

  async #receive(batch: Ticket["batch"], paths: RawName[], bytes: number): Promise<void> {
    try {
      batch.results = await this.#sealers.files(paths, bytes);
    } catch (error) {
      this.#failed ??= asFault(error);
    }
  }

  #check(): void {
    if (this.#failed) throw this.#failed;
  }
}

/** One file's part of a batch's results, or the errno of its reading. */
export function readFileOf(results: SealedFiles, i: number): ReadFile | string {
  const errno = results.errors.get(i);
  if (errno !== undefined) return errno;
  const blobs = (n: number): number => Number(results.stats[n * STAT_WORDS + STAT.blobsEnd]!);
  const start = i === 0 ? 0 : blobs(i - 1);
  const stat = statOf(results, i);
  return {
    stat,
    content: {
      size: stat.size,
      blobs: results.blobs.subarray(start * 32, blobs(i) * 32),
      sha256: results.sha256.subarray(i * 32, (i + 1) * 32),
    },
    stable: results.stats[i * STAT_WORDS + STAT.stable] === 1n,
  };
}
