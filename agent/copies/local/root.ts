import { join } from "node:path";
import { errnoOf } from "../../base/fault.ts";
import type { Disk, DiskEntry } from "./disk.ts";
import { copyAbsent, localFault, notPlain, partMissing } from "./errors.ts";

/** Either shows that a folder is a copy. A mount point whose disk is away has neither. */
const SIGNS = ["mikura", "config"];

/** The folder of a copy: what is in it, and what an error there means. */
export class LocalRoot {
  readonly copy: string;
  readonly path: string;
  readonly disk: Disk;

  constructor(copy: string, path: string, disk: Disk) {
    this.copy = copy;
    this.path = path;
    this.disk = disk;
  }

  /** Disk work on something that must be there; its errors become Faults. */
  async at<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw localFault(error, { copy: this.copy, path });
      await this.requireOneOf(SIGNS, error);
      throw partMissing({ copy: this.copy, path }, error);
    }
  }

  /**
   * Disk work on something that may be missing: then `undefined`, but only where one of `signs`
   * shows that the copy itself is there.
   */
  async ifThere<T>(
    path: string,
    work: () => Promise<T>,
    signs: readonly string[] = SIGNS,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw localFault(error, { copy: this.copy, path });
      await this.requireOneOf(signs, error);
      return undefined;
    }
  }

  /** @throws Fault copy-absent where none of the names is in the root. */
  async requireOneOf(signs: readonly string[], cause?: unknown): Promise<void> {
    for (const sign of signs) {
      const path = join(this.path, sign);
      try {
        await this.disk.lstat(path);
        return;
      } catch (error) {
        if (errnoOf(error) !== "ENOENT") throw localFault(error, { copy: this.copy, path });
      }
    }
    throw copyAbsent({ copy: this.copy, path: this.path }, cause);
  }

  /** Bytes of a plain file. */
  sizeOf(path: string): Promise<number | undefined> {
    return this.ifThere(path, async () => {
      const facts = await this.disk.lstat(path);
      if (facts.kind !== "file") throw notPlain({ copy: this.copy, path }, "file");
      return facts.size;
    });
  }

  /** What is in a plain folder. `isFolder`: the folder above has said that it is one. */
  entriesIn(path: string, isFolder = false): Promise<DiskEntry[] | undefined> {
    return this.ifThere(path, async () => {
      if (!isFolder && (await this.disk.lstat(path)).kind !== "folder")
        throw notPlain({ copy: this.copy, path }, "folder");
      return this.disk.readdir(path);
    });
  }
}
