import { hash, createHash } from "node:crypto";
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import { type GearTable, MAX_CHUNK, WHOLE_FILE, nextCut } from "../../vault/chunker.ts";

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

/** Takes one blob of plaintext; the bytes are only valid during the call. */
export type TakeBlob = (id: Buffer, plain: Uint8Array) => void;

/** How often a file is read again that changed while it was read. */
const REREADS = 2;

const NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads files into blobs. One a thread: it owns a buffer. */
export class FileSealer {
  readonly #table: GearTable;
  readonly #take: TakeBlob;
  readonly #buffer = Buffer.allocUnsafeSlow(2 * MAX_CHUNK);

  constructor(table: GearTable, take: TakeBlob) {
    this.#table = table;
    this.#take = take;
  }

  /**
   * Reads the file once, from its first to its last byte. A file that changed meanwhile is read
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
        const content = before.size <= WHOLE_FILE ? this.#small(fd) : this.#large(fd);
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
    const size = this.#fill(fd, 0, 0);
    if (size > WHOLE_FILE) return this.#large(fd);
    const plain = this.#buffer.subarray(0, size);
    const sha256 = hash("sha256", plain, "buffer");
    if (size === 0) return { size, blobs: new Uint8Array(0), sha256 };
    this.#take(sha256, plain);
    return { size, blobs: sha256, sha256 };
  }

  #large(fd: number): FileContent {
    const whole = createHash("sha256");
    const blobs: Buffer[] = [];
    let size = 0;
    let held = 0; // bytes at the front of the buffer that are not cut yet
    for (let ended = false; !ended;) {
      const added = this.#fill(fd, held, size);
      ended = held + added < this.#buffer.length;
      whole.update(this.#buffer.subarray(held, held + added));
      size += added;
      held = this.#cut(held + added, ended, blobs);
    }
    return { size, blobs: Buffer.concat(blobs), sha256: whole.digest() };
  }

  /** Takes whole chunks off the front of the buffer; what is left moves to its start. */
  #cut(held: number, last: boolean, blobs: Buffer[]): number {
    let start = 0;
    while (start < held) {
      const cut = nextCut(this.#table, this.#buffer, start, held, last);
      if (cut === undefined) break;
      const plain = this.#buffer.subarray(start, cut);
      const id = hash("sha256", plain, "buffer");
      this.#take(id, plain);
      blobs.push(id);
      start = cut;
    }
    this.#buffer.copy(this.#buffer, 0, start, held);
    return held - start;
  }

  /** Reads until the buffer is full or the file ends; returns the bytes added. */
  #fill(fd: number, held: number, position: number): number {
    let added = 0;
    while (held + added < this.#buffer.length) {
      const n = readSync(
        fd,
        this.#buffer,
        held + added,
        this.#buffer.length - held - added,
        position + added,
      );
      if (n === 0) break;
      added += n;
    }
    return added;
  }
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
