import { errnoOf } from "../../base/fault.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { unlessUnsupported } from "./folder-sync.ts";
import { notPlain } from "./errors.ts";
import { objectTooLarge, objectTooShort } from "../object-faults.ts";
import type { BytePart } from "../store.ts";

export interface LocalFile {
  readonly copy: string;
  /** Path below the root, for messages. */
  readonly object: string;
  /** Path on this machine. */
  readonly path: string;
}

/** A whole plain file of at most `limit` bytes, or a part of one. */
export async function readFile(
  disk: Disk,
  subject: LocalFile,
  limit: number,
  part?: BytePart,
): Promise<Buffer> {
  const file = await openPlain(disk, subject);
  try {
    const { kind, size } = await file.stat();
    if (kind !== "file") throw notPlain(subject, "file");
    const { offset, length } = part ?? { offset: 0, length: size };
    if (length > limit) throw objectTooLarge({ ...subject, size: length, wanted: limit });
    if (offset + length > size) throw objectTooShort({ ...subject, size, wanted: offset + length });
    return await readExactly(file, subject, offset, length);
  } finally {
    await file.close();
  }
}

/** A piece stays in a processor's own cache from the reading to what is done with it (bytes). */
const PIECE = 256 * 1024;

/** Hands the bytes of a plain file of at most `limit` bytes to `take` in pieces; returns its size. */
export async function readFileThrough(
  disk: Disk,
  subject: LocalFile,
  limit: number,
  take: (piece: Uint8Array) => void,
): Promise<number> {
  const file = await openPlain(disk, subject);
  try {
    const { kind, size } = await file.stat();
    if (kind !== "file") throw notPlain(subject, "file");
    if (size > limit) throw objectTooLarge({ ...subject, size, wanted: limit });
    const room = Buffer.allocUnsafeSlow(Math.min(size, PIECE));
    for (let done = 0; done < size;) {
      const got = await file.read(room.subarray(0, size - done), done);
      if (got === 0) throw objectTooShort({ ...subject, size: done, wanted: size });
      take(room.subarray(0, got));
      done += got;
    }
    return size;
  } finally {
    await file.close();
  }
}

async function openPlain(disk: Disk, subject: LocalFile): Promise<DiskFile> {
  try {
    return await disk.open(subject.path, "read");
  } catch (error) {
    // O_NOFOLLOW on a link.
    throw errnoOf(error) === "ELOOP" ? notPlain(subject, "file") : error;
  }
}

async function readExactly(
  file: DiskFile,
  subject: LocalFile,
  offset: number,
  length: number,
): Promise<Buffer> {
  // Slow: not a slice of Node's shared pool, so that the caller may hand it to a worker.
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const got = await file.read(bytes.subarray(done), offset + done);
    if (got === 0)
      throw objectTooShort({ ...subject, size: offset + done, wanted: offset + length });
    done += got;
  }
  return bytes;
}

/**
 * Writes a file that is not there yet. When it returns, the bytes are on the disk itself, under a
 * name that a power cut may still lose. After an error the file must be thrown away: the kernel
 * reports a failed write-back once, so a second fsync that succeeds proves nothing.
 */
export async function writeFile(
  disk: Disk,
  subject: LocalFile,
  bytes: Uint8Array,
  mode: number,
): Promise<void> {
  const file = await disk.open(subject.path, "new");
  try {
    for (let done = 0; done < bytes.length;) {
      const written = await file.write(bytes.subarray(done), done);
      if (written === 0) break; // the length check below tells
      done += written;
    }
    const { size } = await file.stat();
    if (size !== bytes.length) throw objectTooShort({ ...subject, size, wanted: bytes.length });
    await file.chmod(mode).catch(unlessWithoutModes);
    await file.sync().catch(unlessUnsupported);
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
  await file.close(); // NFS and quotas report a failed write only here
}

/** FAT, exFAT and many network shares keep no modes; a copy there is as good. */
function unlessWithoutModes(error: unknown): void {
  if (!["EPERM", "ENOTSUP", "EOPNOTSUPP"].includes(errnoOf(error) ?? "")) throw error;
}
