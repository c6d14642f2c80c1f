import { ftruncateSync, writeSync } from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import { DIRECT_BLOCK } from "../../copies/local/direct-writes.ts";
import { openBlob } from "../../vault/blob.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import type { RangeTask, Wrong } from "./write-messages.ts";

/** Runs of zeros of this length, at multiples of it, become holes, so that sparse files stay sparse. */
const HOLE = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE);

/** Less than this is written through the page cache (bytes). */
const WORTH_WHILE = 256 * 1024;

/** Opens the blobs of a range into its slot and writes them; what is wrong, if anything is. */
export function writeRange(
  key: MasterKey,
  { part, blobs, slot, file, direct, position }: RangeTask,
): Wrong | undefined {
  const plain = Buffer.from(slot.memory, slot.offset, slot.length);
  let filled = 0;
  for (const { id, type, at, length, rawLength } of blobs) {
    const place = plain.subarray(filled, filled + rawLength);
    const blob = { id: Buffer.from(id, "hex"), type, rawLength };
    // A blob of another length than the index says does not fit, and fails.
    const room = (n: number): Buffer => (n === rawLength ? place : Buffer.allocUnsafe(n));
    if (!openBlob(key, part.subarray(at, at + length), blob, room)) return "damaged";
    filled += rawLength;
  }
  try {
    writeSparse(file, direct, plain, position, false);
    return undefined;
  } catch (error) {
    return errnoOf(error) ?? "EIO";
  }
}

/**
 * Writes bytes at a position, leaving out long runs of zeros.
 *
 * @param direct the same file past the page cache, or -1: memory must be aligned as `position` is
 * @param ends the file ends here, also where that is a hole
 */
export function writeSparse(
  file: number,
  direct: number,
  bytes: Buffer,
  position: number,
  ends: boolean,
): void {
  let hole = false;
  for (let at = 0; at < bytes.length;) {
    let stop = at;
    let next = at;
    do {
      stop = next;
      next = Math.min(bytes.length, stop + HOLE - ((position + stop) % HOLE));
    } while (stop < bytes.length && !isHole(bytes, stop, next));
    if (stop > at) writeRun(file, direct, bytes.subarray(at, stop), position + at);
    hole = next > stop;
    at = next;
  }
  if (ends && hole) ftruncateSync(file, position + bytes.length);
}

/** A shorter run, too, where the bytes begin or end: it may go on in the range beside them. */
function isHole(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  const atEdge = start === 0 || end === bytes.length;
  if (length < (atEdge ? DIRECT_BLOCK : HOLE) || bytes[start] !== 0) return false;
  return ZEROS.compare(bytes, start, end, 0, length) === 0;
}

function writeRun(file: number, direct: number, bytes: Buffer, position: number): void {
  const head = (DIRECT_BLOCK - (position % DIRECT_BLOCK)) % DIRECT_BLOCK;
  const whole = bytes.length - head - ((position + bytes.length) % DIRECT_BLOCK);
  if (direct < 0 || whole < WORTH_WHILE) {
    writeAll(file, bytes, position);
    return;
  }
  if (head > 0) writeAll(file, bytes.subarray(0, head), position);
  const middle = bytes.subarray(head, head + whole);
  const rest = bytes.subarray(head + whole);
  try {
    writeAll(direct, middle, position + head);
  } catch (error) {
    if (errnoOf(error) !== "EINVAL") throw error;
    writeAll(file, middle, position + head); // a device of larger blocks
  }
  writeAll(file, rest, position + head + whole);
}

function writeAll(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}
