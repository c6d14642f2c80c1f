import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Disk, type DiskFile, FLAGS, factsOf, realDisk } from "./disk.ts";

/**
 * The real disk, but that reading blocks the thread: for a thread that does nothing else. What it
 * reads is then in its own processor's cache; Node's reading threads would leave it in another's.
 */
export const blockingDisk: Disk = {
  ...realDisk,
  open: async (path, how) => (how === "read" ? openBlocking(path) : await realDisk.open(path, how)),
};

function openBlocking(path: string): DiskFile {
  const file = openSync(path, FLAGS.read);
  return {
    read: async (into, position) => readSync(file, into, 0, into.length, position),
    stat: async () => factsOf(fstatSync(file)),
    close: async () => closeSync(file),
    write: readOnly,
    chmod: readOnly,
    sync: readOnly,
  };
}

async function readOnly(): Promise<never> {
  throw new Error("The file is open for reading only");
}
