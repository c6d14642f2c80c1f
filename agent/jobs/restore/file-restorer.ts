import { statfsSync } from "node:fs";
import { asFault } from "../../base/fault.ts";
import type { Progress } from "../../base/progress.ts";
import { type RawName, rawToBytes } from "../../base/raw-name.ts";
import { writesDirectly } from "../../copies/local/direct-writes.ts";
import type { VaultReader } from "../common/vault-reader.ts";
import { encodeBatch } from "./file-batch.ts";
import {
  type FileTask,
  type FilesPart,
  type Part,
  type PlacedFile,
  partsOfSmall,
  placeOf,
} from "./file-parts.ts";
import { LongFiles } from "./long-files.ts";
import type { WriterReply, Wrong } from "./write-messages.ts";
import { Writers } from "./writers.ts";

/** Files gathered before their packs are read, so that neighbours in a pack are read together. */
const WINDOW = 8192;

/** Writes the contents of files, reading each pack's bytes in few large pieces. */
export class FileRestorer {
  readonly #reader: VaultReader;
  readonly #writers: Writers;
  readonly #long: LongFiles;
  #window: FileTask[] = [];
  #wrong: { readonly task: FileTask; readonly why: Wrong }[] = [];
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  files = 0;
  bytes = 0;

  constructor(given: {
    reader: VaultReader;
    target: RawName;
    owners: boolean;
    progress: Progress;
    signal: AbortSignal;
  }) {
    const { reader, owners } = given;
    this.#reader = reader;
    this.#progress = given.progress;
    this.#signal = given.signal;
    this.#writers = new Writers(reader.key, owners);
    this.#long = new LongFiles({
      index: reader.index.data,
      writers: this.#writers,
      read: (part) => this.#read(part),
      options: { owners, direct: isDirect(given.target) },
    });
  }

  async add(task: FileTask): Promise<void> {
    this.#window.push(task);
    if (this.#window.length >= WINDOW) await this.#hand();
  }

  /** Writes the rest; what could not be restored rightly is tried once more, then listed. */
  async finish(): Promise<{ path: RawName; why: Wrong }[]> {
    await this.#hand();
    await this.#writers.finish();
    const again = this.#wrong.filter(({ why }) => why === "damaged");
    this.#wrong = this.#wrong.filter(({ why }) => why !== "damaged");
    this.#window = again.map(({ task }) => task);
    await this.#hand();
    await this.#writers.finish();
    return this.#wrong.map(({ task, why }) => ({ path: task.path, why }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writers[Symbol.asyncDispose]();
    this.#long.close();
  }

  /** Hands the window over to the threads; small files may still be in work when this returns. */
  async #hand(): Promise<void> {
    const tasks = this.#window;
    this.#window = [];
    const small: PlacedFile[] = [];
    const long: FileTask[] = [];
    for (const task of tasks) {
      const { content, size } = task.node;
      const id = content?.[0];
      if (content && content.length > 1) {
        long.push(task);
        continue;
      }
      const place = id === undefined ? undefined : placeOf(this.#reader.index.data, id);
      if ((id !== undefined && !place) || BigInt(place?.rawLength ?? 0) !== (size ?? 0n)) {
        this.#wrong.push({ task, why: "damaged" });
      } else if (task.sha256 !== undefined && task.sha256 !== (id ?? EMPTY_SHA256)) {
        // The file is its one blob, whose proved SHA-256 is its id.
        this.#wrong.push({ task, why: "differs" });
      } else small.push({ task, place });
    }
    const parts = partsOfSmall(small);
    let next = 0;
    const turn = async (): Promise<void> => {
      while (next < parts.length + long.length) {
        this.#signal.throwIfAborted();
        const at = next++;
        if (at < long.length) await this.#restoreLong(long[at]!);
        else await this.#handPart(parts[at - long.length]!);
      }
    };
    await Promise.all(Array.from({ length: this.#writers.count }, turn));
  }

  async #restoreLong(task: FileTask): Promise<void> {
    const why = await this.#long.restore(task, this.#signal);
    if (why !== undefined) this.#wrong.push({ task, why });
    else this.#ended(1, Number(task.node.size ?? 0n));
  }

  async #handPart(part: FilesPart): Promise<void> {
    const { files } = part;
    // What the copy cannot give at all is damaged like what it gives wrong: an empty part fails each blob.
    const sealed = part.length > 0 ? ((await this.#read(part)) ?? NO_BYTES()) : NO_BYTES();
    const batch = encodeBatch(files, part.offset);
    await this.#writers.room();
    // An error is thrown by the next `room` or `finish`.
    this.#note(this.#writers.run({ kind: "files", batch, part: sealed }), files).catch(
      () => undefined,
    );
  }

  async #note(written: Promise<WriterReply>, files: readonly PlacedFile[]): Promise<void> {
    const reply = await written;
    for (const { file, why } of reply.wrong) this.#wrong.push({ task: files[file]!.task, why });
    this.#ended(reply.files, reply.bytes);
  }

  async #read({ pack, offset, length }: Part): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const object = { kind: "data", name: this.#reader.index.packs[pack]! } as const;
    try {
      const size = await this.#reader.store.size(object);
      if (size === undefined || size < offset + length) return undefined;
      const bytes = await this.#reader.store.get(object, { offset, length });
      return bytes && ownMemory(bytes);
    } catch (error) {
      // One pack that cannot be read costs its files, not the restore.
      if (asFault(error).code === "copy-failed") return undefined;
      throw error;
    }
  }

  #ended(files: number, bytes: number): void {
    this.files += files;
    this.bytes += bytes;
    this.#progress.advance(files, bytes);
  }
}

function isDirect(folder: RawName): boolean {
  try {
    return writesDirectly(statfsSync(rawToBytes(folder)).type);
  } catch {
    return false; // it is only about speed
  }
}

/** SHA-256 of nothing. */
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const NO_BYTES = (): Uint8Array<ArrayBuffer> => new Uint8Array(0);

/** A Buffer may be a view of a pool that others use: only memory of its own can be given away. */
function ownMemory(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  return own as Uint8Array<ArrayBuffer>;
}
