import { ID_BYTES, type Id } from "./ids.ts";

/** Blob types of a pack header entry (restic design, "Pack Format"); an enumeration, not bits. */
export const BLOB = { data: 0, tree: 1, dataZ: 2, treeZ: 3 } as const;

export type BlobKind = "data" | "tree";

export function isCompressed(type: number): boolean {
  return type >= BLOB.dataZ;
}

export function kindOf(type: number): BlobKind {
  return type === BLOB.tree || type === BLOB.treeZ ? "tree" : "data";
}

/** Numbers of one blob in `PackContents.cells`. */
export const CELLS = 4;
const TYPE = 0;
const OFFSET = 1;
const LENGTH = 2;
const RAW_LENGTH = 3;

/** What one pack holds, flat, so that it passes between threads without a copy per blob. */
export interface PackContents {
  /** Name of the pack. */
  readonly pack: Id;
  /** 32 bytes a blob. */
  readonly ids: Uint8Array<ArrayBuffer>;
  /** Four numbers a blob: type, offset, sealed length, plaintext length. */
  readonly cells: Uint32Array<ArrayBuffer>;
}

/** One blob inside a pack. Lengths and offset in bytes. */
export interface PackedBlob {
  readonly id: Uint8Array;
  readonly type: number;
  readonly offset: number;
  readonly length: number;
  readonly rawLength: number;
}

export function blobCount(contents: PackContents): number {
  return contents.cells.length / CELLS;
}

export function typeAt(contents: PackContents, i: number): number {
  return contents.cells[i * CELLS + TYPE]!;
}

export function blobAt(contents: PackContents, i: number): PackedBlob {
  const { cells, ids } = contents;
  const at = i * CELLS;
  return {
    id: ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES),
    type: cells[at + TYPE]!,
    offset: cells[at + OFFSET]!,
    length: cells[at + LENGTH]!,
    rawLength: cells[at + RAW_LENGTH]!,
  };
}

/** Collects blobs in the order of their offsets. */
export class PackedBlobs {
  readonly #ids: Uint8Array[] = [];
  readonly #cells: number[] = [];

  get count(): number {
    return this.#ids.length;
  }

  push(blob: PackedBlob): void {
    this.#ids.push(blob.id);
    this.#cells.push(blob.type, blob.offset, blob.length, blob.rawLength);
  }

  contents(pack: Id): PackContents {
    const ids = new Uint8Array(this.#ids.length * ID_BYTES);
    this.#ids.forEach((id, i) => ids.set(id, i * ID_BYTES));
    return { pack, ids, cells: Uint32Array.from(this.#cells) };
  }
}
