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

/** Collects blobs in the order of their offsets; flat, since a pack may have tens of thousands. */
export class PackedBlobs {
  #ids = new Uint8Array(FIRST_ROOM * ID_BYTES);
  #cells = new Uint32Array(FIRST_ROOM * CELLS);
  count = 0;

  push({ id, type, offset, length, rawLength }: PackedBlob): void {
    const at = this.count * CELLS;
    if (at === this.#cells.length) this.#grow();
    this.#ids.set(id, this.count++ * ID_BYTES);
    this.#cells[at + TYPE] = type;
    this.#cells[at + OFFSET] = offset;
    this.#cells[at + LENGTH] = length;
    this.#cells[at + RAW_LENGTH] = rawLength;
  }

  contents(pack: Id): PackContents {
    return {
      pack,
      ids: this.#ids.slice(0, this.count * ID_BYTES),
      cells: this.#cells.slice(0, this.count * CELLS),
    };
  }

  #grow(): void {
    const [ids, cells] = [this.#ids, this.#cells];
    this.#ids = new Uint8Array(2 * ids.length);
    this.#ids.set(ids);
    this.#cells = new Uint32Array(2 * cells.length);
    this.#cells.set(cells);
  }
}

const FIRST_ROOM = 256;
