import type { RawName } from "../../base/raw-name.ts";
import {
  ENTER,
  FILE,
  FILE_FIXED,
  LEAVE,
  LEAVE_FIXED,
  type MemoryFile,
  type MemoryFolder,
  type MemorySpecial,
  SPECIAL,
  SPECIAL_FIXED,
  readTime,
} from "./memory-records.ts";

/** A record as it stands in the memory, for reading from end to end. */
export type MemoryRecord =
  | { readonly kind: "enter"; readonly name: RawName; readonly device: bigint }
  | ({ readonly kind: "file"; readonly name: RawName } & MemoryFile)
  | ({ readonly kind: "special"; readonly name: RawName } & MemorySpecial)
  | ({ readonly kind: "leave" } & MemoryFolder);

/**
 * Goes through a memory beside the scan: both are in the same order, so what a name was before is
 * found by stepping forward, without a table. Questions must come in the order of the scan.
 */
export class RecordCursor {
  readonly #bytes: Buffer;
  #at: number;
  /** Folders entered that the memory does not know. */
  #unknown = 0;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Every record in order. */
  *records(): Generator<MemoryRecord> {
    while (this.#at < this.#bytes.length) yield this.#read();
  }

  /** Steps into a folder; the device it had, or undefined where it was not there before. */
  enter(name: RawName): bigint | undefined {
    if (this.#unknown > 0 || this.#seek(name) !== ENTER) {
      this.#unknown++;
      return undefined;
    }
    const record = this.#read();
    return record.kind === "enter" ? record.device : undefined;
  }

  /** Steps out of a folder: what it was. */
  leave(): MemoryFolder | undefined {
    if (this.#unknown > 0) {
      this.#unknown--;
      return undefined;
    }
    while (this.#at < this.#bytes.length && this.#kind() !== LEAVE) this.#skip();
    if (this.#at >= this.#bytes.length) return undefined;
    const record = this.#read();
    return record.kind === "leave" ? record : undefined;
  }

  file(name: RawName): MemoryFile | undefined {
    if (this.#unknown > 0 || this.#seek(name) !== FILE) return undefined;
    const record = this.#read();
    return record.kind === "file" ? record : undefined;
  }

  special(name: RawName): MemorySpecial | undefined {
    if (this.#unknown > 0 || this.#seek(name) !== SPECIAL) return undefined;
    const record = this.#read();
    return record.kind === "special" ? record : undefined;
  }

  /** Steps to the record of `name` in this folder; its kind, or undefined where there is none. */
  #seek(name: RawName): number | undefined {
    while (this.#at < this.#bytes.length && this.#kind() !== LEAVE) {
      const here = this.#name();
      if (here === name) return this.#kind();
      if (here > name) return undefined;
      this.#skip();
    }
    return undefined;
  }

  #kind(): number {
    return this.#bytes[this.#at]!;
  }

  #name(): RawName {
    const length = this.#bytes.readUInt16LE(this.#at + 1);
    return this.#bytes.toString("latin1", this.#at + 3, this.#at + 3 + length) as RawName;
  }

  /** Passes over a record; over a whole folder where one begins. */
  #skip(): void {
    let depth = 0;
    do {
      const kind = this.#kind();
      if (kind === ENTER) depth++;
      else if (kind === LEAVE) depth--;
      this.#at += this.#length();
    } while (depth > 0);
  }

  #length(): number {
    const at = this.#at;
    if (this.#kind() === LEAVE) return 1 + LEAVE_FIXED;
    const fixed = at + 3 + this.#bytes.readUInt16LE(at + 1);
    switch (this.#kind()) {
      case ENTER:
        return fixed + 8 - at;
      case FILE:
        return fixed + FILE_FIXED + 32 * this.#bytes.readUInt32LE(fixed + 44) - at;
      case SPECIAL:
        return fixed + SPECIAL_FIXED + this.#bytes.readUInt16LE(fixed + 37) - at;
      default:
        throw new RangeError("The scan memory is not one, though its hash is right");
    }
  }

  #read(): MemoryRecord {
    const bytes = this.#bytes;
    const kind = this.#kind();
    const end = this.#at + this.#length();
    if (kind === LEAVE) {
      const at = this.#at + 1;
      this.#at = end;
      return {
        kind: "leave",
        tree: bytes.subarray(at, at + 32),
        count: bytes.readUInt32LE(at + 32),
        mode: bytes.readUInt32LE(at + 36),
        mtime: readTime(bytes, at + 40),
        ctime: readTime(bytes, at + 52),
        inode: bytes.readBigUInt64LE(at + 64),
      };
    }
    const name = this.#name();
    const at = this.#at + 3 + name.length;
    this.#at = end;
    if (kind === ENTER) return { kind: "enter", name, device: bytes.readBigUInt64LE(at) };
    if (kind === SPECIAL) {
      const hasTarget = bytes[at + 36] === 1;
      return {
        kind: "special",
        name,
        mtime: readTime(bytes, at),
        ctime: readTime(bytes, at + 12),
        inode: bytes.readBigUInt64LE(at + 24),
        mode: bytes.readUInt32LE(at + 32),
        target: hasTarget
          ? (bytes.toString("latin1", at + SPECIAL_FIXED, end) as RawName)
          : undefined,
      };
    }
    return {
      kind: "file",
      name,
      size: bytes.readBigInt64LE(at),
      mtime: readTime(bytes, at + 8),
      ctime: readTime(bytes, at + 20),
      inode: bytes.readBigUInt64LE(at + 32),
      mode: bytes.readUInt32LE(at + 40),
      sha256: bytes.subarray(at + 48, at + 80),
      blobs: bytes.subarray(at + FILE_FIXED, end),
    };
  }
}
