import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  openSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { errnoOf } from "../../base/fault.ts";
import { setMtime } from "../../base/libc.ts";
import { rawToBytes } from "../../base/raw-name.ts";
import { openBlob } from "../../vault/blob.ts";
import type {
  FilePiece,
  FromWriter,
  ToWriter,
  WriterStart,
  WrittenFile,
  Wrong,
} from "./write-messages.ts";

// A writing thread: opens blobs, proves them, and writes files. A wrong file is not left behind.

const { key, owners } = workerData as WriterStart;

interface OpenFile {
  readonly fd: number;
  readonly hash: Hash;
  written: number;
  /** True while the bytes at the end are a hole that was not written. */
  hole: boolean;
}

const open = new Map<number, OpenFile>();
const failed = new Set<number>();

/** Runs of zeros at least this long become holes, so that sparse files stay sparse. */
const HOLE = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE);

// O_EXCL and O_NOFOLLOW: never over or through anything that lies there.
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

parentPort!.on("message", ({ ticket, part, pieces }: ToWriter) => {
  const results: WrittenFile[] = [];
  for (const piece of pieces) {
    if (failed.has(piece.file)) continue;
    const wrong = take(piece, part);
    if (wrong) {
      failed.add(piece.file);
      results.push({ file: piece.file, bytes: 0, wrong });
    } else if (piece.last) {
      results.push({ file: piece.file, bytes: Number(piece.size) });
    }
  }
  const answer: FromWriter = { ticket, results };
  parentPort!.postMessage(answer);
});

/** Writes a piece; what is wrong, if anything is. Then no trace of the file is left. */
function take(piece: FilePiece, part: Uint8Array | undefined): Wrong | undefined {
  const path = rawToBytes(piece.path);
  let file = open.get(piece.file);
  try {
    if (!file) {
      file = {
        fd: openSync(path, CREATE, 0o600),
        hash: createHash("sha256"),
        written: 0,
        hole: false,
      };
      open.set(piece.file, file);
    }
    let wrong: Wrong | undefined;
    for (const { id, type, at, length, rawLength } of piece.blobs) {
      const sealed = part!.subarray(at, at + length);
      const plain = openBlob(key, sealed, { id: Buffer.from(id, "hex"), type, rawLength });
      if (!plain) {
        wrong = "damaged";
        break;
      }
      write(file, plain);
    }
    if (!wrong && piece.last) wrong = finish(file, piece, path);
    if (wrong) discard(piece.file, path);
    return wrong;
  } catch (error) {
    if (file) discard(piece.file, path);
    return errnoOf(error) ?? "EIO";
  }
}

function write(file: OpenFile, plain: Buffer): void {
  file.hash.update(plain);
  for (let at = 0; at < plain.length;) {
    const end = Math.min(at + HOLE, plain.length);
    if (end - at === HOLE && ZEROS.equals(plain.subarray(at, end))) {
      file.written += HOLE;
      file.hole = true;
      at = end;
      continue;
    }
    let stop = end;
    while (stop < plain.length) {
      const next = Math.min(stop + HOLE, plain.length);
      if (next - stop === HOLE && ZEROS.equals(plain.subarray(stop, next))) break;
      stop = next;
    }
    for (let done = at; done < stop;) {
      const n = writeSync(file.fd, plain, done, stop - done, file.written);
      done += n;
      file.written += n;
    }
    file.hole = false;
    at = stop;
  }
}

function finish(file: OpenFile, piece: FilePiece, path: Buffer): Wrong | undefined {
  const sha256 = file.hash.digest("hex");
  // A tree may claim another size than its blobs have (restic pads and exits 0).
  if (BigInt(file.written) !== piece.size) return "damaged";
  if (piece.sha256 !== undefined && piece.sha256 !== sha256) return "differs";
  if (file.hole) ftruncateSync(file.fd, file.written);
  if (owners) fchownSync(file.fd, piece.uid, piece.gid);
  fchmodSync(file.fd, piece.mode); // after chown, which clears setuid
  open.delete(piece.file);
  closeSync(file.fd);
  setMtime(path, piece.mtime);
  return undefined;
}

function discard(number: number, path: Buffer): void {
  const file = open.get(number);
  if (!file) return; // not made by us: not ours to remove
  open.delete(number);
  closeSync(file.fd);
  unlinkSync(path);
}
