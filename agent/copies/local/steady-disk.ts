import { errnoOf } from "../../base/fault.ts";
import type { Disk, DiskFile } from "./disk.ts";

/**
 * The same disk, with operations that a signal interrupted (EINTR) done again.
 * `close` is left alone: on Linux the descriptor is gone even when close is interrupted, and a
 * second close could hit a file that another operation has just opened.
 */
export function steadyDisk(disk: Disk): Disk {
  return {
    open: async (path, how) => steadyFile(await again(() => disk.open(path, how))),
    lstat: (path) => again(() => disk.lstat(path)),
    readdir: (path) => again(() => disk.readdir(path)),
    mkdir: (path) => again(() => disk.mkdir(path)),
    rename: (from, to) => again(() => disk.rename(from, to)),
    unlink: (path) => again(() => disk.unlink(path)),
  };
}

function steadyFile(file: DiskFile): DiskFile {
  return {
    read: (into, position) => again(() => file.read(into, position)),
    write: (bytes, position) => again(() => file.write(bytes, position)),
    stat: () => again(() => file.stat()),
    chmod: (mode) => again(() => file.chmod(mode)),
    sync: () => again(() => file.sync()),
    close: () => file.close(),
  };
}

/** Ends a loop on a file system that answers EINTR for ever. */
const MOST_TRIES = 100;

async function again<T>(operation: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await operation();
    } catch (error) {
      if (errnoOf(error) !== "EINTR" || tries >= MOST_TRIES) throw error;
    }
  }
}
