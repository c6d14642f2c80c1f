import { createHash, hash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
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

const FLUSH_AT = 1 << 20;

/** Writes a memory next to the scan. It takes its place only when `commit` is called. */
export class ScanMemoryWriter {
  readonly #path: string;
  readonly #fd: number;
  readonly #hash = createHash("sha256");
  #parts: Buffer[] = [];
  #held = 0;

  /** `scope`: what the memory is of (folders and excludes); another scope is another memory. */
  constructor(path: string, scope: string) {
    this.#path = path;
    this.#fd = openSync(`${path}.new`, "w", 0o600);
    this.#write(header(scope));
  }

  get newPath(): string {
    return `${this.#path}.new`;
  }

  enter(name: RawName, device: bigint): void {
    const bytes = this.#record(ENTER, name, 8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, device), bytes.length - 8);
    this.#write(bytes);
  }

  file(name: RawName, file: MemoryFile): void {
    const bytes = this.#record(FILE, name, FILE_FIXED + file.blobs.length);
    let at = bytes.length - FILE_FIXED - file.blobs.length;
    at = bytes.writeBigInt64LE(file.size, at);
    at = writeTime(bytes, file.mtime, at);
    at = writeTime(bytes, file.ctime, at);
    at = bytes.writeBigUInt64LE(BigInt.asUintN(64, file.inode), at);
    at = bytes.writeUInt32LE(file.mode, at);
    at = bytes.writeUInt32LE(file.blobs.length / 32, at);
    bytes.set(file.sha256, at);
    bytes.set(file.blobs, at + 32);
    this.#write(bytes);
  }

  special(name: RawName, special: MemorySpecial): void {
    const target = Buffer.from(special.target ?? "", "latin1");
    const bytes = this.#record(SPECIAL, name, SPECIAL_FIXED + target.length);
    let at = bytes.length - SPECIAL_FIXED - target.length;
    at = writeTime(bytes, special.mtime, at);
    at = writeTime(bytes, special.ctime, at);
    at = bytes.writeBigUInt64LE(BigInt.asUintN(64, special.inode), at);
    at = bytes.writeUInt32LE(special.mode, at);
    at = bytes.writeUInt8(special.target === undefined ? 0 : 1, at);
    at = bytes.writeUInt16LE(target.length, at);
    bytes.set(target, at);
    this.#write(bytes);
  }

  leave(folder: MemoryFolder): void {
    const bytes = Buffer.alloc(1 + LEAVE_FIXED);
    let at = bytes.writeUInt8(LEAVE, 0);
    bytes.set(folder.tree, at);
    at += 32;
    at = bytes.writeUInt32LE(folder.count, at);
    at = bytes.writeUInt32LE(folder.mode, at);
    at = writeTime(bytes, folder.mtime, at);
    at = writeTime(bytes, folder.ctime, at);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, folder.inode), at);
    this.#write(bytes);
  }

  /** Everything written so far can be read from `newPath`. */
  flush(): void {
    writeSync(this.#fd, Buffer.concat(this.#parts));
    this.#parts = [];
    this.#held = 0;
  }

  /** Makes this the memory of the dataset; returns its SHA-256 for the ledger. */
  commit(): string {
    this.flush();
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    renameSync(this.newPath, this.#path);
    return this.#hash.digest("hex");
  }

  #record(kind: number, name: RawName, more: number): Buffer {
    const bytes = Buffer.allocUnsafe(3 + name.length + more);
    bytes.writeUInt8(kind, 0);
    bytes.writeUInt16LE(name.length, 1);
    bytes.write(name, 3, "latin1");
    return bytes;
  }

  #write(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#parts.push(bytes);
    this.#held += bytes.length;
    if (this.#held >= FLUSH_AT) this.flush();
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
