import { dirname, join } from "node:path";
import { errnoOf } from "../../base/fault.ts";
import { type Disk, realDisk } from "./disk.ts";
import { FolderSync } from "./folder-sync.ts";
import { copyAbsent, localFault } from "./errors.ts";
import { LocalRoot } from "./root.ts";
import { LISTED_KINDS } from "../object-names.ts";
import { steadyDisk } from "./steady-disk.ts";

export interface PrepareOptions {
  /** The copy's name in the policy, for messages. */
  readonly copy: string;
  /** Absolute path. */
  readonly root: string;
  /** Makes the root, too, with the folders above it. Without: a missing root is copy-absent. */
  readonly makeRoot?: boolean;
  readonly disk?: Disk;
}

/**
 * Makes the folders of a copy, mode 0700, durable when it returns; those that are there stay as
 * they are. Only `init` calls it, after it has made sure that the place is the right one.
 */
export async function prepareLocal(options: PrepareOptions): Promise<void> {
  const disk = steadyDisk(options.disk ?? realDisk);
  const folders = new FolderSync(disk);
  const root = new LocalRoot(options.copy, options.root, disk);
  const place = { copy: root.copy, path: root.path };
  try {
    if (options.makeRoot === true) await makeWithParents(folders, root.path);
    for (const name of TOP_FOLDERS) {
      const folder = join(root.path, name);
      await folders.makeFolder(folder);
      await root.entriesIn(folder); // throws where a file or a link has the name
    }
    for (const name of INNER_FOLDERS) await folders.makeFolder(join(root.path, name));
    await folders.sync();
  } catch (error) {
    throw errnoOf(error) === "ENOENT" ? copyAbsent(place, error) : localFault(error, place);
  }
}

const TOP_FOLDERS = ["mikura", ...LISTED_KINDS];

const INNER_FOLDERS = [
  "mikura/tmp",
  ...Array.from({ length: 256 }, (_, n) => `data/${n.toString(16).padStart(2, "0")}`),
];

async function makeWithParents(folders: FolderSync, path: string): Promise<void> {
  try {
    await folders.makeFolder(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeWithParents(folders, dirname(path));
    await folders.makeFolder(path);
  }
}
