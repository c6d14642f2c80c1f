import { createCipheriv, hkdfSync } from "node:crypto";
import type { MasterKey } from "./master-key.ts";

/** Files up to this size are one blob (bytes). */
export const WHOLE_FILE: number = 1024 * 1024;

/** How a file is cut. */
export interface Cutting {
  /** Bytes. No cut is sought in the first part of a chunk: the search is what costs time. */
  readonly min: number;
  /** Bytes. */
  readonly max: number;
  /**
   * A cut is where these bits of the hash are zero. With n bits that is every 2^n bytes on average
   * behind the minimum. Fewer than a quarter of the minimum and old and new cuts hardly meet again
   * behind an insertion: with 12 bits and 512 KiB, 100 kB put into a file of 200 MiB moved the cuts
   * of 140 MiB behind it, with 18 those of 1 MiB.
   */
  readonly bits: number;
}

/**
 * Chunks of 128 KiB on average. A database writes pages here and there: where 1% of its pages of
 * 4 KiB have changed, every chunk of 3/4 MiB has, but only a quarter of these.
 */
export const FINE: Cutting = { min: 64 * 1024, max: 512 * 1024, bits: topBits(16) };
/** Chunks of 3/4 MiB on average: finer ones of a huge file would make a huge folder entry. */
export const COARSE: Cutting = { min: 512 * 1024, max: 4 * 1024 * 1024, bits: topBits(18) };
/** From this size on (bytes) a file is cut coarsely; one that grows over it is stored anew once. */
const HUGE_FILE = 4 * 1024 ** 3;

export function cuttingOf(fileSize: number): Cutting {
  return fileSize < HUGE_FILE ? FINE : COARSE;
}

function topBits(count: number): number {
  return -1 << (32 - count);
}

/** Bytes that the hash remembers: one bit of shift a byte in a 32-bit word; its top bit sees all. */
const WINDOW = 32;

/** 256 random words that say where cuts fall. */
export type GearTable = Int32Array;

/**
 * The table is a secret of the vault: with a public one, chunk sizes would tell which known files
 * are inside (the fingerprinting of chunk sizes, restic 0.18 threat model).
 */
export function gearTable(key: MasterKey): GearTable {
  const secret = new Uint8Array(hkdfSync("sha256", key.encrypt, "", "mikura chunker 1", 32));
  const stream = createCipheriv("aes-256-ctr", secret, Buffer.alloc(16));
  const bytes = stream.update(Buffer.alloc(1024));
  const table = new Int32Array(256);
  for (let i = 0; i < 256; i++) table[i] = bytes.readInt32LE(i * 4);
  return table;
}

/**
 * Where the chunk that begins at `start` ends. `end` is how far the bytes reach; undefined where no
 * cut is certain yet and more of the file follows (`last` false).
 */
export function nextCut(
  table: GearTable,
  { min, max, bits }: Cutting,
  bytes: Uint8Array,
  start: number,
  end: number,
  last: boolean,
): number | undefined {
  const stop = Math.min(end, start + max);
  let from = start + min;
  while (from + 4 * LANE <= stop && !hasCut(table, bits, bytes, from)) from += 4 * LANE;
  return (
    firstCut(table, bits, bytes, from, stop) ?? (stop === start + max || last ? stop : undefined)
  );
}

/** Behind the first place from `from` on where the hash of the window says so. */
function firstCut(
  table: GearTable,
  bits: number,
  bytes: Uint8Array,
  from: number,
  stop: number,
): number | undefined {
  if (from >= stop) return undefined;
  let h = warm(table, bytes, from);
  for (let i = from; i < stop; i++) {
    h = ((h << 1) + table[bytes[i]!]!) | 0;
    if ((h & bits) === 0) return i + 1;
  }
  return undefined;
}

/** Bytes that a lane of `hasCut` looks at. */
const LANE = 4096;

/**
 * Is there a cut in four lanes from `at` on? Each step of the hash waits for the one before it, so
 * four at a time take little longer than one.
 */
function hasCut(table: GearTable, bits: number, bytes: Uint8Array, at: number): boolean {
  const [b0, c0, d0] = [at + LANE, at + 2 * LANE, at + 3 * LANE];
  let a = warm(table, bytes, at);
  let b = warm(table, bytes, b0);
  let c = warm(table, bytes, c0);
  let d = warm(table, bytes, d0);
  for (let i = 0; i < LANE; i++) {
    a = ((a << 1) + table[bytes[at + i]!]!) | 0;
    b = ((b << 1) + table[bytes[b0 + i]!]!) | 0;
    c = ((c << 1) + table[bytes[c0 + i]!]!) | 0;
    d = ((d << 1) + table[bytes[d0 + i]!]!) | 0;
    if ((a & bits) === 0 || (b & bits) === 0 || (c & bits) === 0 || (d & bits) === 0) return true;
  }
  return false;
}

/** The hash of the window before `at`. */
function warm(table: GearTable, bytes: Uint8Array, at: number): number {
  let h = 0;
  for (let i = at - WINDOW; i < at; i++) h = ((h << 1) + table[bytes[i]!]!) | 0;
  return h;
}
