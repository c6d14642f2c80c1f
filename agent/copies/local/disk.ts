import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import type { Stats } from "node:fs";
import { DirectWrites } from "./direct-writes.ts";

/** The few operations that a copy in a folder needs of the disk, so that a test can fail each one. */
export interface Disk {
  /**
   * "read": a file, never through a link, never waiting for the other end of a pipe.
   * "new": a file that was not there, mode 0600. "folder": for `sync` only.
   */
  open(path: string, how: OpenHow): Promise<DiskFile>;
  /** About the path itself: a link is not followed. */
  lstat(path: string): Promise<DiskFacts>;
  /** Everything in a folder. */
  readdir(path: string): Promise<DiskEntry[]>;
  /** One folder, mode 0700; its parent must be there. */
  mkdir(path: string): Promise<void>;
  /** Replaces a file of the new name, atomically. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export type OpenHow = "read" | "new" | "folder";

export interface DiskFile {
  /** How many bytes were read, 0 at the end; may be fewer than fit. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** How many bytes were written; may be fewer than given. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  stat(): Promise<DiskFacts>;
  chmod(mode: number): Promise<void>;
  /** fsync. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DiskFacts {
  readonly kind: "file" | "folder" | "other";
  /** Bytes. */
  readonly size: number;
}

export interface DiskEntry {
  readonly name: string;
  /** A folder for certain, not a link to one. False where the file system does not say. */
  readonly isFolder: boolean;
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

export const FLAGS: Readonly<Record<OpenHow, number>> = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  new: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
  folder: O_RDONLY | O_DIRECTORY,
};

export const realDisk: Disk = {
  open: async (path, how) => realFile(await open(path, FLAGS[how], 0o600), path),
  lstat: async (path) => factsOf(await lstat(path)),
  readdir: async (path) =>
    (await readdir(path, { withFileTypes: true })).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
    })),
  mkdir: (path) => mkdir(path, 0o700),
  rename,
  unlink,
};

function realFile(handle: FileHandle, path: string): DiskFile {
  const direct = new DirectWrites(handle, path);
  return {
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    write: async (bytes, position) =>
      (await direct.write(bytes, position)) ??
      (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
    stat: async () => factsOf(await handle.stat()),
    chmod: (mode) => handle.chmod(mode),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

export function factsOf(stats: Stats): DiskFacts {
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other";
  return { kind, size: stats.size };
}
