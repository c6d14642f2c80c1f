import { asFault } from "../../base/fault.ts";
import type { RawName } from "../../base/raw-name.ts";
import type { Progress } from "../../base/progress.ts";
import type { Id } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { VaultReader } from "../common/vault-reader.ts";
import {
  type FileTask,
  type Part,
  locate,
  partsOfLong,
  partsOfSmall,
  pieceOf,
} from "./file-parts.ts";
import type { WrittenFile, Wrong } from "./write-messages.ts";
import { Writers } from "./writers.ts";

/** Files gathered before their packs are read, so that neighbours in a pack are read together. */
const WINDOW = 4096;

/** Writes the contents of files, reading each pack's bytes in few large pieces. */
export class FileRestorer {
  readonly #reader: VaultReader;
  readonly #writers: Writers;
  readonly #tasks: FileTask[] = [];
  #window: FileTask[] = [];
  readonly #wrong = new Map<number, Wrong>();
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  #lanes = 0;
  files = 0;
  bytes = 0;

  constructor(reader: VaultReader, owners: boolean, progress: Progress, signal: AbortSignal) {
    this.#reader = reader;
    this.#progress = progress;
    this.#signal = signal;
    this.#writers = new Writers(reader.key, owners, (file) => this.#ended(file));
  }

  async add(path: RawName, node: TreeNode, sha256: Id | undefined): Promise<void> {
    const task = { file: this.#tasks.length, path, node, sha256 };
    this.#tasks.push(task);
    this.#window.push(task);
    if (this.#window.length >= WINDOW) await this.#flush();
  }

  /** Writes the rest; what could not be restored rightly is tried once more, then listed. */
  async finish(): Promise<{ path: RawName; wrong: Wrong }[]> {
    await this.#flush();
    const again = [...this.#wrong.keys()].filter((file) => this.#wrong.get(file) === "damaged");
    for (const file of again) {
      this.#wrong.delete(file);
      // A number of its own: the thread has given the first one up.
      const task = { ...this.#tasks[file]!, file: this.#tasks.length };
      this.#tasks.push(task);
      this.#window.push(task);
    }
    await this.#flush();
    return [...this.#wrong].map(([file, wrong]) => ({ path: this.#tasks[file]!.path, wrong }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writers[Symbol.asyncDispose]();
  }

  async #flush(): Promise<void> {
    const tasks = this.#window;
    this.#window = [];
    const small: Parameters<typeof partsOfSmall>[0][number][] = [];
    const long: Part[][] = [];
    for (const task of tasks) {
      const blobs = locate(this.#reader, task);
      if (!blobs) this.#ended({ file: task.file, bytes: 0, wrong: "damaged" });
      else if (blobs.length === 0)
        await this.#writers.write([pieceOf(task, [], true, true)], undefined);
      else if (blobs.length === 1) small.push({ task, at: blobs[0]! });
      else long.push(partsOfLong(task, blobs));
    }
    const lanes = partsOfSmall(small).map((part) => [part]);
    await this.#inTurns([...lanes, ...long]);
    await this.#writers.finish();
  }

  /** Reads and hands over several sequences of parts side by side, each in its own order. */
  async #inTurns(sequences: readonly Part[][]): Promise<void> {
    let next = 0;
    const turn = async (): Promise<void> => {
      while (next < sequences.length) {
        const parts = sequences[next++]!;
        const sticky = parts.length > 1 ? this.#lanes++ : undefined;
        for (const part of parts) {
          this.#signal.throwIfAborted();
          await this.#hand(part, sticky);
        }
      }
    };
    await Promise.all(Array.from({ length: this.#writers.count }, turn));
  }

  async #hand(part: Part, sticky: number | undefined): Promise<void> {
    const bytes = await this.#read(part);
    // What the copy cannot give at all is damaged like what it gives wrong: an empty part fails each blob.
    await this.#writers.write(part.pieces, bytes ?? Buffer.alloc(0), sticky);
  }

  async #read({ pack, offset, length }: Part): Promise<Buffer | undefined> {
    const object = { kind: "data", name: pack } as const;
    try {
      const size = await this.#reader.store.size(object);
      if (size === undefined || size < offset + length) return undefined;
      return await this.#reader.store.get(object, { offset, length });
    } catch (error) {
      // One pack that cannot be read costs its files, not the restore.
      if (asFault(error).code === "copy-failed") return undefined;
      throw error;
    }
  }

  #ended({ file, bytes, wrong }: WrittenFile): void {
    if (wrong) {
      this.#wrong.set(file, wrong);
      return;
    }
    this.files++;
    this.bytes += bytes;
    this.#progress.advance(1, bytes);
  }
}
