import type { RawName } from "../../base/raw-name.ts";
import type { BlobIndex, BlobPlace } from "../../vault/blob-index.ts";
import { ID_BYTES, type Id } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { RangeBlob } from "./write-messages.ts";

/** A file to be written. */
export interface FileTask {
  /** Absolute. */
  readonly path: RawName;
  readonly node: TreeNode;
  /** By the manifest; undefined where there is none. */
  readonly sha256: Id | undefined;
}

/** A file of one blob, or of none. */
export interface PlacedFile {
  readonly task: FileTask;
  readonly place: BlobPlace | undefined;
}

/** Bytes to be read from one pack. */
export interface Part {
  /** Number of the pack in the index. */
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

export interface FilesPart extends Part {
  readonly files: readonly PlacedFile[];
}

/** Blobs of a long file that follow each other in it and in their pack. */
export interface Range extends Part {
  readonly blobs: readonly RangeBlob[];
  /** Where in the file. */
  readonly position: number;
  readonly plainLength: number;
}

/** Most bytes read at once. */
export const MAX_PART: number = 4 * 1024 * 1024;
/** Most files in one part: a thread's turn stays short. */
export const MAX_FILES = 1024;
/** A gap up to this is read along: cheaper than another read. */
const MAX_GAP = 128 * 1024;

const idBytes = Buffer.alloc(ID_BYTES);

/** Where a blob lies; undefined where the index does not know it. */
export function placeOf(index: BlobIndex, id: Id): BlobPlace | undefined {
  idBytes.write(id, "hex");
  const entry = index.find(idBytes);
  return entry < 0 ? undefined : index.place(entry);
}

/** Parts that hold whole files, read in the order in which they lie. */
export function partsOfSmall(files: readonly PlacedFile[]): FilesPart[] {
  const sorted = files.toSorted(({ place: a = NOWHERE }, { place: b = NOWHERE }) =>
    a.pack === b.pack ? a.offset - b.offset : a.pack - b.pack,
  );
  const parts: FilesPart[] = [];
  let run: { pack: number; offset: number; length: number; files: PlacedFile[] } | undefined;
  for (const file of sorted) {
    const { pack, offset, length } = file.place ?? NOWHERE;
    const end = offset + length;
    const joins =
      run?.pack === pack &&
      run.files.length < MAX_FILES &&
      offset - (run.offset + run.length) <= MAX_GAP &&
      end - run.offset <= MAX_PART;
    if (!run || !joins) {
      run = { pack, offset, length: 0, files: [] };
      parts.push(run);
    }
    run.length = Math.max(run.length, end - run.offset);
    run.files.push(file);
  }
  return parts;
}

/** Where a file without content lies. */
const NOWHERE: BlobPlace = { pack: -1, offset: 0, length: 0, rawLength: 0, type: 0 };

/** Bytes that these blobs hold together; undefined where the index does not know one. */
export function plainSize(index: BlobIndex, content: readonly Id[]): number | undefined {
  let size = 0;
  for (const id of content) {
    const place = placeOf(index, id);
    if (!place) return undefined;
    size += place.rawLength;
  }
  return size;
}

/** The ranges of a long file in its order. The index must know all blobs. */
export function* rangesOf(index: BlobIndex, content: readonly Id[]): Generator<Range> {
  let position = 0;
  for (let i = 0; i < content.length;) {
    const { pack, offset } = placeOf(index, content[i]!)!;
    const blobs: RangeBlob[] = [];
    let length = 0;
    let plainLength = 0;
    for (; i < content.length; i++) {
      const id = content[i]!;
      const next = placeOf(index, id)!;
      const follows = next.pack === pack && next.offset === offset + length;
      const fits = length + next.length <= MAX_PART && plainLength + next.rawLength <= MAX_PART;
      if (blobs.length > 0 && !(follows && fits)) break;
      const { type, rawLength } = next;
      blobs.push({ id, type, at: length, length: next.length, rawLength });
      length += next.length;
      plainLength += rawLength;
    }
    yield { pack, offset, length, blobs, position, plainLength };
    position += plainLength;
  }
}
