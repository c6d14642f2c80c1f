import type { FaultCode } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import type { BlobTables } from "../../vault/blob-index.ts";
import type { PackContents } from "../../vault/packed.ts";
import type { BlockTables } from "./chunk-blocks.ts";
import type { SlotTables } from "./pack-slots.ts";

/** What a sealing thread starts with. */
export interface SealerStart {
  readonly key: { encrypt: Uint8Array; macK: Uint8Array; macR: Uint8Array };
  readonly slots: SlotTables;
  readonly blocks: BlockTables;
  readonly data: BlobTables;
  readonly tree: BlobTables;
}

export type ToSealer =
  /** `paths`: each ended by a NUL; one string crosses to a thread in a fraction of many's time. */
  | { readonly do: "files"; readonly ticket: number; readonly paths: string }
  | { readonly do: "trees"; readonly ticket: number; readonly trees: readonly Uint8Array[] }
  /** Seals chunks of the large file that another thread reads, to its end. */
  | { readonly do: "assist"; readonly ticket: number }
  /** The index has grown: the tables of before must not be used any more. */
  | { readonly do: "tables"; readonly data: BlobTables; readonly tree: BlobTables }
  | { readonly do: "flush"; readonly ticket: number };

export type FromSealer =
  | { readonly done: "files"; readonly ticket: number; readonly results: SealedFiles }
  | { readonly done: "trees" | "flush" | "assist"; readonly ticket: number }
  /** The sender begins with a large file, and others may help. */
  | { readonly done: "call" }
  | {
      readonly done: "failed";
      readonly code: FaultCode;
      readonly what: Words;
      readonly next: Words;
    }
  /** A finished pack: in a slot, or, where it outgrew one, with its own bytes. */
  | {
      readonly done: "pack";
      readonly slot: number;
      readonly size: number;
      readonly contents: PackContents;
      readonly bytes?: Uint8Array<ArrayBuffer>;
    };

/** Results of a batch, flat: one array each instead of one object a file. */
export interface SealedFiles {
  /** STAT_WORDS numbers a file; see STAT. */
  readonly stats: BigInt64Array<ArrayBuffer>;
  /** The content of all files, one after the other: 32 bytes a blob. */
  readonly blobs: Uint8Array<ArrayBuffer>;
  /** 32 bytes a file. */
  readonly sha256: Uint8Array<ArrayBuffer>;
  /** Errno by number of the file, for those that could not be read. */
  readonly errors: ReadonlyMap<number, string>;
}

/** Places in `SealedFiles.stats`. */
export const STAT = {
  mode: 0,
  size: 1,
  /** Seconds, then nanoseconds. */
  mtime: 2,
  ctime: 4,
  inode: 6,
  device: 7,
  links: 8,
  uid: 9,
  gid: 10,
  /** How many blobs this file and those before it in the batch have. */
  blobsEnd: 11,
  stable: 12,
} as const;
export const STAT_WORDS = 13;
