import { hash } from "node:crypto";
import { joinSeconds, splitSeconds } from "../../base/nanoseconds.ts";
import type { RawName } from "../../base/raw-name.ts";

// The records of a scan memory. All but LEAVE begin: kind (1 byte), length of the name (2), name.
export const ENTER = 1;
export const FILE = 2;
export const SPECIAL = 3;
export const LEAVE = 4;
/** Seconds and nanoseconds. */
const TIME = 8 + 4;
/** size, mtime, ctime, inode, mode, blob count, sha256. */
export const FILE_FIXED: number = 8 + 2 * TIME + 8 + 4 + 4 + 32;
/** mtime, ctime, inode, mode, has a target, length of the target. */
export const SPECIAL_FIXED: number = 2 * TIME + 8 + 4 + 1 + 2;
/** tree, count, mode, mtime, ctime, inode. */
export const LEAVE_FIXED: number = 32 + 4 + 4 + 2 * TIME + 8;

/** What says that a thing is the same as before (restic's test: size, mtime, ctime, inode). */
export interface MemoryStamp {
  readonly mtime: bigint;
  readonly ctime: bigint;
  /** Unsigned. */
  readonly inode: bigint;
  /** Unix permission bits. */
  readonly mode: number;
}

export interface MemoryFile extends MemoryStamp {
  readonly size: bigint;
  /** 32 bytes a blob. */
  readonly blobs: Uint8Array;
  readonly sha256: Uint8Array;
}

export interface MemorySpecial extends MemoryStamp {
  /** Symbolic links only. */
  readonly target: RawName | undefined;
}

export interface MemoryFolder extends MemoryStamp {
  readonly tree: Uint8Array;
  /** Entries. */
  readonly count: number;
}

/** Writes a time in 12 bytes; returns where it ends. */
export function writeTime(bytes: Buffer, ns: bigint, at: number): number {
  const [seconds, rest] = splitSeconds(ns);
  return bytes.writeUInt32LE(Number(rest), bytes.writeBigInt64LE(seconds, at));
}

export function readTime(bytes: Buffer, at: number): bigint {
  return joinSeconds(bytes.readBigInt64LE(at), BigInt(bytes.readUInt32LE(at + 8)));
}

/** First line of a memory. */
export function header(scope: string): Buffer {
  return Buffer.from(`mikura scan 2 ${hash("sha256", scope, "hex")}\n`);
}
