import { splitSeconds } from "../../base/nanoseconds.ts";
import type { BlobPlace } from "../../vault/blob-index.ts";
import { fromGoMode } from "../../vault/go-mode.ts";
import { ID_BYTES } from "../../vault/ids.ts";
import type { FileTask } from "./file-parts.ts";

/** A file in a batch. One object serves for all: it is valid until the next. */
export interface BatchedFile {
  /** Its number in the batch. */
  file: number;
  /** Where its sealed blob lies in the part; a `length` of 0: a file without content. */
  at: number;
  length: number;
  rawLength: number;
  type: number;
  id: Uint8Array;
  /** Unix permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970 and nanoseconds. */
  seconds: number;
  nanoseconds: number;
  /** Undefined: the folder of the file before. */
  folder: Uint8Array | undefined;
  name: Uint8Array;
}

const WORDS = 13;
const HEAD = WORDS * 4 + ID_BYTES;
const HIGH = 2 ** 32;

/** Files as flat bytes, which pass between threads without an object for each. */
export function encodeBatch(
  files: readonly { readonly task: FileTask; readonly place: BlobPlace | undefined }[],
  partOffset: number,
): Uint8Array<ArrayBuffer> {
  let size = 0;
  let folder = "";
  for (const { task } of files) {
    const cut = task.path.lastIndexOf("/");
    const sameFolder = cut === folder.length && task.path.startsWith(folder);
    if (!sameFolder) folder = task.path.slice(0, cut);
    size += padded(HEAD + task.path.length - 1 - (sameFolder ? cut : 0));
  }
  const bytes = Buffer.from(new ArrayBuffer(size));
  const words = new Uint32Array(bytes.buffer);
  let at = 0;
  folder = "";
  files.forEach(({ task, place }, i) => {
    const { node, path } = task;
    const cut = path.lastIndexOf("/");
    const sameFolder = cut === folder.length && path.startsWith(folder);
    if (!sameFolder) folder = path.slice(0, cut);
    const [seconds, rest] = splitSeconds(node.mtime);
    const high = Math.floor(Number(seconds) / HIGH);
    const head = [
      i,
      place ? place.offset - partOffset : 0,
      place?.length ?? 0,
      place?.rawLength ?? 0,
      place?.type ?? 0,
      fromGoMode(node.mode) & 0o7777,
      node.uid,
      node.gid,
      Number(seconds) - high * HIGH,
      high,
      Number(rest),
      sameFolder ? 0 : cut,
      path.length - cut - 1,
    ];
    words.set(head, at / 4);
    let next = at + WORDS * 4;
    if (place) bytes.write(node.content![0]!, next, "hex");
    next += ID_BYTES;
    if (!sameFolder) next += bytes.write(folder, next, "latin1");
    next += bytes.write(path.slice(cut + 1), next, "latin1");
    at = padded(next);
  });
  return bytes;
}

export function readBatch(batch: Uint8Array, take: (file: BatchedFile) => void): void {
  const words = new Uint32Array(batch.buffer, batch.byteOffset, batch.length / 4);
  const file = { folder: undefined } as unknown as BatchedFile;
  for (let at = 0; at < batch.length;) {
    const word = at / 4;
    const idAt = at + WORDS * 4;
    const folderAt = idAt + ID_BYTES;
    const nameAt = folderAt + words[word + 11]!;
    const end = nameAt + words[word + 12]!;
    file.file = words[word]!;
    file.at = words[word + 1]!;
    file.length = words[word + 2]!;
    file.rawLength = words[word + 3]!;
    file.type = words[word + 4]!;
    file.mode = words[word + 5]!;
    file.uid = words[word + 6]!;
    file.gid = words[word + 7]!;
    file.seconds = words[word + 8]! + (words[word + 9]! | 0) * HIGH;
    file.nanoseconds = words[word + 10]!;
    file.id = batch.subarray(idAt, folderAt);
    file.folder = nameAt > folderAt ? batch.subarray(folderAt, nameAt) : undefined;
    file.name = batch.subarray(nameAt, end);
    take(file);
    at = padded(end);
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
