import { createHash, hash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import type { RawName } from "../../base/raw-name.ts";
import { RecordCursor } from "./memory-cursor.ts";
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
  header,
  writeTime,
} from "./memory-records.ts";

/*
 * What the last snapshot of a dataset saw, in the order of the scan, so that an unchanged file is
 * known by its lstat alone. One file a dataset in the state folder, read as one stream beside the
 * scan; it is a memory, not a truth: lost or damaged, everything is read again and nothing is lost.
 */

/** Records are built in memory of this size and written together (bytes). */
const ROOM = 1 << 20;

/** Writes a memory next to the scan. It takes its place only when `commit` is called. */
export class ScanMemoryWriter {
  readonly #path: string;
  readonly #fd: number;
  readonly #hash = createHash("sha256");
  #bytes = Buffer.allocUnsafeSlow(ROOM);
  #used = 0;

  /** `scope`: what the memory is of (folders and excludes); another scope is another memory. */
  constructor(path: string, scope: string) {
    this.#path = path;
    this.#fd = openSync(`${path}.new`, "w", 0o600);
    const head = header(scope);
    this.#used += head.copy(this.#bytes);
  }

  get newPath(): string {
    return `${this.#path}.new`;
  }

  enter(name: RawName, device: bigint): void {
    const at = this.#named(ENTER, name, 8);
    this.#used = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, device), at);
  }

  file(name: RawName, file: MemoryFile): void {
    let at = this.#named(FILE, name, FILE_FIXED + file.blobs.length);
    const bytes = this.#bytes;
    at = bytes.writeBigInt64LE(file.size, at);
    at = writeTime(bytes, file.mtime, at);
    at = writeTime(bytes, file.ctime, at);
    at = bytes.writeBigUInt64LE(BigInt.asUintN(64, file.inode), at);
    at = bytes.writeUInt32LE(file.mode, at);
    at = bytes.writeUInt32LE(file.blobs.length / 32, at);
    bytes.set(file.sha256, at);
    bytes.set(file.blobs, at + 32);
    this.#used = at + 32 + file.blobs.length;
  }

  special(name: RawName, special: MemorySpecial): void {
    const target = Buffer.from(special.target ?? "", "latin1");
    let at = this.#named(SPECIAL, name, SPECIAL_FIXED + target.length);
    const bytes = this.#bytes;
    at = writeTime(bytes, special.mtime, at);
    at = writeTime(bytes, special.ctime, at);
    at = bytes.writeBigUInt64LE(BigInt.asUintN(64, special.inode), at);
    at = bytes.writeUInt32LE(special.mode, at);
    at = bytes.writeUInt8(special.target === undefined ? 0 : 1, at);
    at = bytes.writeUInt16LE(target.length, at);
    bytes.set(target, at);
    this.#used = at + target.length;
  }

  leave(folder: MemoryFolder): void {
    let at = this.#roomFor(1 + LEAVE_FIXED);
    const bytes = this.#bytes;
    at = bytes.writeUInt8(LEAVE, at);
    bytes.set(folder.tree, at);
    at += 32;
    at = bytes.writeUInt32LE(folder.count, at);
    at = bytes.writeUInt32LE(folder.mode, at);
    at = writeTime(bytes, folder.mtime, at);
    at = writeTime(bytes, folder.ctime, at);
    this.#used = bytes.writeBigUInt64LE(BigInt.asUintN(64, folder.inode), at);
  }

  /** Everything written so far can be read from `newPath`. */
  flush(): void {
    const bytes = this.#bytes.subarray(0, this.#used);
    this.#hash.update(bytes);
    writeFileSync(this.#fd, bytes); // by a descriptor it goes on where it was
    this.#used = 0;
  }

  /** Makes this the memory of the dataset; returns its SHA-256 for the ledger. */
  commit(): string {
    this.flush();
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    renameSync(this.newPath, this.#path);
    return this.#hash.digest("hex");
  }

  /** Begins a record with a name, with room for so many bytes more; where they come. */
  #named(kind: number, name: RawName, more: number): number {
    const at = this.#roomFor(3 + name.length + more);
    this.#bytes.writeUInt8(kind, at);
    this.#bytes.writeUInt16LE(name.length, at + 1);
    return at + 3 + this.#bytes.write(name, at + 3, "latin1");
  }

  #roomFor(length: number): number {
    if (this.#used + length > this.#bytes.length) this.flush();
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(length); // a huge file's blobs
    return this.#used;
  }
}

/** The memory, or undefined where there is none, it is damaged, or it is of another scope. */
export function openMemory(
  path: string,
  scope: string,
  sha256: string | undefined,
): RecordCursor | undefined {
  if (sha256 === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
  const head = header(scope);
  if (!bytes.subarray(0, head.length).equals(head)) return undefined;
  if (hash("sha256", bytes, "hex") !== sha256) return undefined;
  return new RecordCursor(bytes, head.length);
}
