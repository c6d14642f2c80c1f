import type { RawName } from "../../base/raw-name.ts";
import { fromGoMode } from "../../vault/go-mode.ts";
import type { Id } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { VaultReader } from "../common/vault-reader.ts";
import type { FilePiece, PieceBlob } from "./write-messages.ts";

/** A file to be written. */
export interface FileTask {
  readonly file: number;
  /** Absolute. */
  readonly path: RawName;
  readonly node: TreeNode;
  readonly sha256: Id | undefined;
}

/** Bytes to be read from one pack, and what they hold. */
export interface Part {
  readonly pack: Id;
  readonly offset: number;
  readonly length: number;
  readonly pieces: readonly FilePiece[];
}

/** Most bytes read at once. */
const MAX_PART = 8 * 1024 * 1024;
/** A gap up to this is read along: cheaper than another read. */
const MAX_GAP = 128 * 1024;

interface Located {
  readonly pack: Id;
  readonly offset: number;
  readonly blob: Omit<PieceBlob, "at">;
}

/** Where a file's blobs lie; undefined where the index does not know one. */
export function locate(reader: VaultReader, task: FileTask): Located[] | undefined {
  const found: Located[] = [];
  for (const id of task.node.content ?? []) {
    const place = reader.index.find("data", id);
    if (!place) return undefined;
    const { type, length, rawLength } = place;
    found.push({
      pack: place.packName,
      offset: place.offset,
      blob: { id, type, length, rawLength },
    });
  }
  return found;
}

/** Parts that hold whole files of one blob each, read in the order in which they lie. */
export function partsOfSmall(files: readonly { task: FileTask; at: Located }[]): Part[] {
  const sorted = files.toSorted((a, b) =>
    a.at.pack === b.at.pack ? a.at.offset - b.at.offset : a.at.pack < b.at.pack ? -1 : 1,
  );
  const parts: Part[] = [];
  let run: { pack: Id; offset: number; end: number; pieces: FilePiece[] } | undefined;
  for (const { task, at } of sorted) {
    const end = at.offset + at.blob.length;
    const joins =
      run?.pack === at.pack && at.offset - run.end <= MAX_GAP && end - run.offset <= MAX_PART;
    if (!run || !joins) {
      if (run) parts.push(partOf(run));
      run = { pack: at.pack, offset: at.offset, end, pieces: [] };
    }
    run.end = Math.max(run.end, end);
    run.pieces.push(pieceOf(task, [{ ...at.blob, at: at.offset - run.offset }], true, true));
  }
  if (run) parts.push(partOf(run));
  return parts;
}

/** Parts of a file of several blobs, in the order of the file. */
export function partsOfLong(task: FileTask, blobs: readonly Located[]): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < blobs.length;) {
    const { pack, offset } = blobs[i]!;
    const inPart: PieceBlob[] = [];
    let end = offset;
    const first = i === 0;
    for (; i < blobs.length; i++) {
      const next = blobs[i]!;
      const stop = next.offset + next.blob.length;
      if (
        next.pack !== pack ||
        next.offset !== end ||
        (inPart.length > 0 && stop - offset > MAX_PART)
      )
        break;
      inPart.push({ ...next.blob, at: next.offset - offset });
      end = stop;
    }
    const last = i === blobs.length;
    parts.push({
      pack,
      offset,
      length: end - offset,
      pieces: [pieceOf(task, inPart, first, last)],
    });
  }
  return parts;
}

export function pieceOf(
  task: FileTask,
  blobs: readonly PieceBlob[],
  first: boolean,
  last: boolean,
): FilePiece {
  const { node } = task;
  return {
    file: task.file,
    path: task.path,
    first,
    last,
    blobs,
    size: node.size ?? 0n,
    mode: fromGoMode(node.mode) & 0o7777,
    mtime: node.mtime,
    uid: node.uid,
    gid: node.gid,
    sha256: task.sha256,
  };
}

function partOf(run: { pack: Id; offset: number; end: number; pieces: FilePiece[] }): Part {
  return { pack: run.pack, offset: run.offset, length: run.end - run.offset, pieces: run.pieces };
}
