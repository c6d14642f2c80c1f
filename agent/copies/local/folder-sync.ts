import { dirname } from "node:path";
import { errnoOf } from "../../base/fault.ts";
import { inBatches } from "./batches.ts";
import type { Disk } from "./disk.ts";

/**
 * Folders whose entries changed and are not yet durable. One fsync of a folder makes every rename
 * in it so far durable, so many puts share it.
 */
export class FolderSync {
  readonly #disk: Disk;
  readonly #changed = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Call after the change: a sync that began before it would count the folder as done. */
  changed(folder: string): void {
    this.#changed.add(folder);
  }

  /** Makes a folder that may be there already. Its parent must be there. */
  async makeFolder(folder: string): Promise<void> {
    try {
      await this.#disk.mkdir(folder);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
    // Also when it was there: whoever made it may have been killed before this fsync.
    this.changed(dirname(folder));
  }

  /** One after the other: a second call must not return while the first still works for it. */
  sync(): Promise<void> {
    const run = this.#last.then(() => this.#flush());
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #flush(): Promise<void> {
    await inBatches([...this.#changed], async (folder) => {
      this.#changed.delete(folder); // before the fsync: a change during it counts for the next
      try {
        await syncFolder(this.#disk, folder);
      } catch (error) {
        this.#changed.add(folder);
        throw error;
      }
    });
  }
}

async function syncFolder(disk: Disk, folder: string): Promise<void> {
  const handle = await disk.open(folder, "folder");
  try {
    await handle.sync().catch(unlessUnsupported);
  } finally {
    await handle.close();
  }
}

/** Some network and FUSE file systems have no fsync; restic tolerates the same answers. */
export function unlessUnsupported(error: unknown): void {
  if (!["ENOTSUP", "EOPNOTSUPP", "EINVAL"].includes(errnoOf(error) ?? "")) throw error;
}
