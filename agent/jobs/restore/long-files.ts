import { errnoOf } from "../../base/fault.ts";
import type { BlobIndex } from "../../vault/blob-index.ts";
import { type FileTask, type Part, type Range, plainSize, rangesOf } from "./file-parts.ts";
import { LongFile } from "./long-file.ts";
import { PlainSlots, partOf } from "./plain-slots.ts";
import type { SlotPart, Wrong } from "./write-messages.ts";
import type { Writers } from "./writers.ts";

type SealedPart = Uint8Array<ArrayBuffer>;

/**
 * Writes files of several blobs: any thread opens, proves and writes the next range; one thread for
 * each file hashes the ranges in order, from the memory that they were written from.
 */
export class LongFiles {
  readonly #index: BlobIndex;
  readonly #writers: Writers;
  readonly #read: (part: Part) => Promise<SealedPart | undefined>;
  readonly #slots: PlainSlots;
  readonly #options: { readonly owners: boolean; readonly direct: boolean };
  readonly #open = new Set<LongFile>();
  #count = 0;

  constructor(given: {
    index: BlobIndex;
    writers: Writers;
    /** Undefined where the copy cannot give a part. */
    read: (part: Part) => Promise<SealedPart | undefined>;
    options: { readonly owners: boolean; readonly direct: boolean };
  }) {
    this.#index = given.index;
    this.#writers = given.writers;
    this.#read = given.read;
    this.#options = given.options;
    // Each thread has a range in work and one before it, and two wait to be hashed.
    this.#slots = new PlainSlots(2 * given.writers.count + 2);
  }

  /** Restores one file; what is wrong, if anything is. Then no trace of it is left. */
  async restore(task: FileTask, signal: AbortSignal): Promise<Wrong | undefined> {
    const content = task.node.content ?? [];
    const size = plainSize(this.#index, content);
    // A tree may claim another size than its blobs have (restic pads and exits 0).
    if (size === undefined || BigInt(size) !== (task.node.size ?? 0n)) return "damaged";
    let file: LongFile;
    try {
      file = new LongFile(task, this.#options);
    } catch (error) {
      return errnoOf(error) ?? "EIO";
    }
    this.#open.add(file);
    const { wrong, sha256 } = await this.#write(file, rangesOf(this.#index, content), signal);
    this.#open.delete(file);
    const why =
      wrong ?? (task.sha256 === undefined || task.sha256 === sha256 ? undefined : "differs");
    if (why === undefined) return file.finish();
    file.discard();
    return why;
  }

  /** Closes what an error left open. No thread may write any more. */
  close(): void {
    for (const file of this.#open) file.close();
  }

  async #write(
    file: LongFile,
    ranges: Iterable<Range>,
    signal: AbortSignal,
  ): Promise<{ wrong: Wrong | undefined; sha256: string | undefined }> {
    const long = this.#count++;
    let wrong: Wrong | undefined;
    let failed = false;
    const hashNext = async (
      plain: SlotPart,
      ready: Promise<[Wrong | undefined, void]>,
    ): Promise<void> => {
      try {
        const [why] = await ready; // first: `wrong` may change while it is waited for
        wrong ??= why;
        if (wrong === undefined) await this.#writers.run({ kind: "hash", long, plain }, long);
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    let hashed = Promise.resolve();
    for (const range of ranges) {
      const slot = await this.#slots.take(range.plainLength);
      signal.throwIfAborted();
      if (wrong !== undefined || failed) {
        this.#slots.give(slot);
        break;
      }
      const plain = partOf(slot, range.position, range.plainLength);
      const written = this.#writeRange(file, range, plain);
      hashed = hashNext(plain, Promise.all([written, hashed])).finally(() => {
        this.#slots.give(slot);
      });
      hashed.catch(() => undefined); // it is met below, or the loop has met another error
    }
    await hashed;
    const { sha256 } = await this.#writers.run({ kind: "hash", long, plain: undefined }, long);
    return { wrong, sha256 };
  }

  async #writeRange(file: LongFile, range: Range, slot: SlotPart): Promise<Wrong | undefined> {
    const part = await this.#read(range);
    if (!part) return "damaged";
    await this.#writers.room();
    const { wrong } = await this.#writers.run({
      kind: "range",
      part,
      blobs: range.blobs,
      slot,
      file: file.fd,
      direct: file.direct,
      position: range.position,
    });
    return wrong[0]?.why;
  }
}
