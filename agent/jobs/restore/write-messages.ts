import type { RawName } from "../../base/raw-name.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import type { Id } from "../../vault/ids.ts";

/** What a writing thread starts with. */
export interface WriterStart {
  readonly key: MasterKey;
  /** Owners can be set by root only. */
  readonly owners: boolean;
}

export type WriterTask = FilesTask | RangeTask | HashTask;
export type ToWriter = { readonly ticket: number } & WriterTask;

/** Whole files of one blob, or of none. */
export interface FilesTask {
  readonly kind: "files";
  /** file-batch.ts */
  readonly batch: Uint8Array<ArrayBuffer>;
  /** Sealed bytes of a pack. */
  readonly part: Uint8Array<ArrayBuffer>;
}

/** Some blobs that follow each other in a long file: opened into `slot`, and written from there. */
export interface RangeTask {
  readonly kind: "range";
  readonly part: Uint8Array<ArrayBuffer>;
  readonly blobs: readonly RangeBlob[];
  readonly slot: SlotPart;
  /** Descriptors belong to the process: the main thread opens and closes them. */
  readonly file: number;
  /** The same file, written past the page cache; -1 where that cannot be. */
  readonly direct: number;
  /** Where in the file. */
  readonly position: number;
}

/** Plaintext that comes next in the SHA-256 of a long file; all of one file go to one thread, in order. */
export interface HashTask {
  readonly kind: "hash";
  /** Number of the long file. */
  readonly long: number;
  /** Undefined: that was all. */
  readonly plain: SlotPart | undefined;
}

export interface RangeBlob {
  readonly id: Id;
  readonly type: number;
  /** Where the sealed blob lies in the part. */
  readonly at: number;
  readonly length: number;
  readonly rawLength: number;
}

export interface SlotPart {
  readonly memory: SharedArrayBuffer;
  readonly offset: number;
  readonly length: number;
}

export interface FromWriter {
  readonly ticket: number;
  readonly reply: WriterReply;
}

export interface WriterReply {
  /** Files that are whole, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** By the number that a file has in its batch; 0 for a range. */
  readonly wrong: readonly { readonly file: number; readonly why: Wrong }[];
  /** Of a long file, after its last piece. */
  readonly sha256?: Id;
}

/**
 * `damaged`: a blob of the copy is not what its name says. `differs`: not what the manifest says.
 * `missing`: the manifest has it and the snapshot does not.
 * Anything else is the errno of the target.
 */
export type Wrong = "damaged" | "differs" | "missing" | (string & {});

/** Something that is not as it should be in the target. */
export interface WrongPath {
  /** Below the target. */
  readonly path: RawName;
  readonly why: Wrong;
}
