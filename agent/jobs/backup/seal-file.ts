import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import {
  type Cutting,
  type GearTable,
  WHOLE_FILE,
  cuttingOf,
  nextCut,
} from "../../vault/chunker.ts";
import { ID_BYTES } from "../../vault/ids.ts";
import { sha256Into } from "../../vault/sha256.ts";
import { ChunkBlocks, type TakeBlob } from "./chunk-blocks.ts";

/** What reading one file came to. */
export type FileResult =
  | {
      readonly ok: true;
      readonly stat: BigIntStats;
      readonly content: FileContent;
      readonly stable: boolean;
    }
  | { readonly ok: false; readonly errno: string };

export interface FileContent {
  /** Bytes read. */
  readonly size: number;
  /** 32 bytes a blob, in order. */
  readonly blobs: Uint8Array;
  /** SHA-256 of the whole content. */
  readonly sha256: Uint8Array;
}

/** How often a file is read again that changed while it was read. */
const REREADS = 2;

const NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** From this size on (bytes) other threads help with a file. */
const WORTH_SHARING = 32 * 1024 * 1024;

/** The blocks that all threads seal from, and how to call the other threads to them. */
export interface Shared {
  readonly blocks: ChunkBlocks;
  readonly call: () => void;
}

/** Reads files into blobs. One a thread: it owns a block. */
export class FileSealer {
  readonly #table: GearTable;
  readonly #take: TakeBlob;
  readonly #own = ChunkBlocks.create(1);
  readonly #buffer = this.#own.bytes(0);
  readonly #shared: Shared | undefined;
  /** Of the last small file. */
  readonly #id = Buffer.alloc(ID_BYTES);

  constructor(table: GearTable, take: TakeBlob, shared?: Shared) {
    this.#table = table;
    this.#take = take;
    this.#shared = shared;
  }

  /**
   * Reads the file once, from its first to its last byte. Hashes in the result are valid until the
   * next file. A file that changed meanwhile is read
   * again, and after that kept with `stable` false: its state may never have existed on the disk.
   */
  seal(path: Buffer): FileResult {
    let fd: number;
    try {
      fd = openQuietly(path);
    } catch (error) {
      return { ok: false, errno: errnoOf(error) ?? "EIO" };
    }
    try {
      for (let again = 0; ; again++) {
        const before = fstatSync(fd, { bigint: true });
        if (!before.isFile()) return { ok: false, errno: "ENOTFILE" };
        const content =
          before.size <= WHOLE_FILE ? this.#small(fd) : this.#large(fd, Number(before.size));
        const after = fstatSync(fd, { bigint: true });
        const stable =
          after.mtimeNs === before.mtimeNs &&
          after.ctimeNs === before.ctimeNs &&
          BigInt(content.size) === after.size;
        if (stable || again === REREADS) return { ok: true, stat: after, content, stable };
      }
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      return { ok: false, errno };
    } finally {
      closeSync(fd);
    }
  }

  /** One blob, or none for an empty file; a file that grew meanwhile is taken as far as it fits. */
  #small(fd: number): FileContent {
    const size = fill(fd, this.#buffer, 0, 0);
    if (size > WHOLE_FILE) return this.#large(fd, size);
    const plain = this.#buffer.subarray(0, size);
    sha256Into(this.#id, plain);
    if (size === 0) return { size, blobs: NO_BLOBS, sha256: this.#id };
    this.#take(this.#id, plain);
    return { size, blobs: this.#id, sha256: this.#id };
  }

  #large(fd: number, size: number): FileContent {
    const cutting = cuttingOf(size);
    if (size < WORTH_SHARING || !this.#shared?.blocks.begin())
      return this.#read(fd, cutting, this.#own);
    const { blocks, call } = this.#shared;
    call();
    try {
      return this.#read(fd, cutting, blocks);
    } finally {
      // Where reading failed, too: nobody may still be at the blocks when the next file comes.
      for (let block = 0; block < blocks.count; block++) blocks.collect(block, this.#take);
      blocks.end();
    }
  }

  /** Fills one block after the other; each begins with what was left of the one before it. */
  #read(fd: number, cutting: Cutting, blocks: ChunkBlocks): FileContent {
    const whole = createHash("sha256");
    const ids: Buffer[] = [];
    let size = 0;
    let held = 0; // bytes at the front of the block that are not cut yet
    let block = 0;
    for (let ended = false; !ended;) {
      const bytes = blocks.bytes(block);
      const added = fill(fd, bytes, held, size);
      const filled = held + added;
      ended = filled < bytes.length;
      const ends = endsOf(this.#table, cutting, bytes, filled, ended);
      blocks.publish(block, ends);
      whole.update(bytes.subarray(held, filled));
      size += added;
      const next = (block + 1) % blocks.count;
      ids.push(blocks.collect(next, this.#take));
      held = bytes.copy(blocks.bytes(next), 0, ends.at(-1) ?? 0, filled);
      block = next;
    }
    for (let i = 0; i < blocks.count; i++)
      ids.push(blocks.collect((block + i) % blocks.count, this.#take));
    return { size, blobs: Buffer.concat(ids), sha256: whole.digest() };
  }
}

const NO_BLOBS = new Uint8Array(0);

/** Where the chunks in a block end; what follows the last one belongs to the next block. */
function endsOf(
  table: GearTable,
  cutting: Cutting,
  bytes: Buffer,
  filled: number,
  last: boolean,
): number[] {
  const ends: number[] = [];
  for (let start = 0; start < filled;) {
    const cut = nextCut(table, cutting, bytes, start, filled, last);
    if (cut === undefined) break;
    ends.push(cut);
    start = cut;
  }
  return ends;
}

/** Reads until the block is full or the file ends; returns the bytes added. */
function fill(fd: number, bytes: Buffer, held: number, position: number): number {
  let added = 0;
  while (held + added < bytes.length) {
    const n = readSync(fd, bytes, held + added, bytes.length - held - added, position + added);
    if (n === 0) break;
    added += n;
  }
  return added;
}

/** Opens without waiting on a FIFO, without following a link, without touching the access time. */
function openQuietly(path: Buffer): number {
  try {
    return openSync(path, NO_LINK | constants.O_NOATIME);
  } catch (error) {
    // Only the owner of a file may open it with O_NOATIME.
    if (errnoOf(error) !== "EPERM") throw error;
    return openSync(path, NO_LINK);
  }
}
