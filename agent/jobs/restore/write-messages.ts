import type { RawName } from "../../base/raw-name.ts";
import type { MasterKey } from "../../vault/master-key.ts";

/** What a writing thread starts with. */
export interface WriterStart {
  readonly key: MasterKey;
  /** Owners can be set by root only. */
  readonly owners: boolean;
}

export interface ToWriter {
  readonly ticket: number;
  /** Sealed bytes of a pack; absent for files without content. */
  readonly part?: Uint8Array<ArrayBuffer>;
  readonly pieces: readonly FilePiece[];
}

/** The next bytes of one file. The pieces of a file all go to one thread, in order. */
export interface FilePiece {
  /** Number of the file in this restore. */
  readonly file: number;
  /** Absolute. */
  readonly path: RawName;
  readonly first: boolean;
  readonly last: boolean;
  readonly blobs: readonly PieceBlob[];
  readonly size: bigint;
  /** Unix permission bits. */
  readonly mode: number;
  readonly mtime: bigint;
  readonly uid: number;
  readonly gid: number;
  /** SHA-256 of the whole content by the manifest; undefined where there is no manifest. */
  readonly sha256: string | undefined;
}

export interface PieceBlob {
  readonly id: string;
  readonly type: number;
  /** Where the sealed blob lies in the part. */
  readonly at: number;
  readonly length: number;
  readonly rawLength: number;
}

export interface FromWriter {
  readonly ticket: number;
  readonly results: readonly WrittenFile[];
}

/** How a file ended. */
export interface WrittenFile {
  readonly file: number;
  readonly bytes: number;
  /** Undefined: right. */
  readonly wrong?: Wrong;
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
