import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "../../base/fault.ts";
import { inBatches } from "./batches.ts";
import { type Disk, realDisk } from "./disk.ts";
import { FolderSync } from "./folder-sync.ts";
import { partMissing } from "./errors.ts";
import { readFile, readFileThrough, writeFile } from "./file.ts";
import { LocalRoot } from "./root.ts";
import { MAX_NOTE_BYTES, MAX_READ_BYTES } from "../object-faults.ts";
import { checkPart, isObjectName, notePath, objectPath } from "../object-names.ts";
import { steadyDisk } from "./steady-disk.ts";
import type { BytePart, ListedKind, ObjectRef, Store, StoredObject } from "../store.ts";

export interface LocalOptions {
  /** The copy's name in the policy, for messages. */
  readonly copy: string;
  /** Absolute path of the folder that holds the repository. */
  readonly root: string;
  readonly disk?: Disk;
  /** 16 new hex digits at each call: tells temporary files of one object apart. */
  readonly newTag?: () => string;
}

/**
 * A copy in a folder: a USB disk, a mounted NAS.
 *
 * It makes neither the root nor `mikura/` (prepareLocal does): where they are missing the disk is
 * away, and writing would fill the empty mount point with a false copy.
 */
export function createLocalStore(options: LocalOptions): Store {
  return new LocalStore(options);
}

// As restic: nobody changes an object by accident, and only the agent's user reads it.
const OBJECT_MODE = 0o400;
// Notes hold nothing secret, and a stranger must be able to read how to restore.
const NOTE_MODE = 0o644;

const TEMPORARY = /^.+-[0-9a-f]{16}$/;

class LocalStore implements Store {
  readonly #root: LocalRoot;
  readonly #disk: Disk;
  readonly #folders: FolderSync;
  readonly #newTag: () => string;
  readonly #temporaries: string;
  /** Names of temporary files being written just now: no litter. */
  readonly #inWork = new Set<string>();

  constructor({ copy, root, disk = realDisk, newTag = randomTag }: LocalOptions) {
    this.#disk = steadyDisk(disk);
    this.#root = new LocalRoot(copy, root, this.#disk);
    this.#folders = new FolderSync(this.#disk);
    this.#newTag = newTag;
    this.#temporaries = join(root, "mikura", "tmp"); // on the same file system, for rename
  }

  async *list(kind: ListedKind): AsyncGenerator<StoredObject> {
    const folder = join(this.#root.path, kind);
    const entries = await this.#root.entriesIn(folder);
    if (entries === undefined) {
      // No restore needs locks, and tools that copy files leave empty folders out.
      if (kind === "locks") return;
      throw partMissing({ copy: this.#root.copy, path: folder });
    }
    if (kind !== "data") {
      yield* this.#objectsIn(entries.map(({ name }) => join(folder, name)));
      return;
    }
    const pairs = entries.filter(({ name }) => /^[0-9a-f]{2}$/.test(name));
    const paths = await inBatches(pairs, async ({ name: pair, isFolder }) => {
      const inner = join(folder, pair);
      const found = (await this.#root.entriesIn(inner, isFolder)) ?? [];
      // restic, too, looks for an object only in the folder of its first two digits.
      return found.filter(({ name }) => name.startsWith(pair)).map(({ name }) => join(inner, name));
    });
    yield* this.#objectsIn(paths.flat());
  }

  async get(object: ObjectRef, part?: BytePart): Promise<Buffer | undefined> {
    if (part) checkPart(part);
    const below = objectPath(object);
    const path = join(this.#root.path, below);
    const subject = { copy: this.#root.copy, object: below, path };
    return this.#root.ifThere(path, () => readFile(this.#disk, subject, MAX_READ_BYTES, part));
  }

  async readThrough(
    object: ObjectRef,
    take: (piece: Uint8Array) => void,
  ): Promise<number | undefined> {
    const below = objectPath(object);
    const path = join(this.#root.path, below);
    const subject = { copy: this.#root.copy, object: below, path };
    return this.#root.ifThere(path, () =>
      readFileThrough(this.#disk, subject, MAX_READ_BYTES, take),
    );
  }

  async size(object: ObjectRef): Promise<number | undefined> {
    return this.#root.sizeOf(join(this.#root.path, objectPath(object)));
  }

  async put(
    object: ObjectRef,
    bytes: Uint8Array,
    options: { replace?: boolean } = {},
  ): Promise<void> {
    const below = objectPath(object);
    const path = join(this.#root.path, below);
    const there = options.replace === true ? undefined : await this.#root.sizeOf(path);
    if (there !== bytes.length) await this.#write(below, bytes, OBJECT_MODE);
    // Also when it was there: the run that put it may have been killed before its sync.
    else this.#folders.changed(dirname(path));
  }

  sync(): Promise<void> {
    return this.#root.at(this.#root.path, () => this.#folders.sync());
  }

  async remove(object: ObjectRef): Promise<void> {
    const path = join(this.#root.path, objectPath(object));
    await this.#root.ifThere(path, () => this.#disk.unlink(path));
    this.#folders.changed(dirname(path));
  }

  async readNote(name: string): Promise<Buffer | undefined> {
    const below = notePath(name);
    const path = join(this.#root.path, below);
    const subject = { copy: this.#root.copy, object: below, path };
    // The root is sign enough: init asks in a folder that holds nothing of ours yet.
    return this.#root.ifThere(path, () => readFile(this.#disk, subject, MAX_NOTE_BYTES), ["."]);
  }

  async writeNote(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write(notePath(name), bytes, NOTE_MODE);
    await this.sync();
  }

  async sweep(): Promise<number> {
    const entries = (await this.#root.entriesIn(this.#temporaries)) ?? [];
    const litter = entries
      .map(({ name }) => name)
      .filter((name) => TEMPORARY.test(name) && !this.#inWork.has(name));
    const removed = await inBatches(litter, async (name) => {
      const path = join(this.#temporaries, name);
      return this.#root.ifThere(path, async () => {
        if ((await this.#disk.lstat(path)).kind !== "file") return undefined;
        await this.#disk.unlink(path);
        return name;
      });
    });
    return removed.filter((name) => name !== undefined).length;
  }

  async close(): Promise<void> {}

  async *#objectsIn(paths: readonly string[]): AsyncGenerator<StoredObject> {
    const named = paths.map((path) => ({ path, name: basename(path) }));
    const objects = await inBatches(
      named.filter(({ name }) => isObjectName(name)),
      async ({ path, name }) => ({ name, size: await this.#root.sizeOf(path) }),
    );
    // Without a size: removed since its name was read.
    for (const { name, size } of objects) if (size !== undefined) yield { name, size };
  }

  /** Temporary file, fsync, rename: under its own name an object is whole or not there. */
  async #write(below: string, bytes: Uint8Array, mode: number): Promise<void> {
    const path = join(this.#root.path, below);
    const name = `${basename(below)}-${this.#newTag()}`;
    const temporary = join(this.#temporaries, name);
    const subject = { copy: this.#root.copy, object: below, path: temporary };
    this.#inWork.add(name);
    try {
      await this.#root.at(path, async () => {
        await this.#inFolderOf(temporary, () => writeFile(this.#disk, subject, bytes, mode));
        await this.#inFolderOf(path, () => this.#disk.rename(temporary, path));
      });
    } catch (error) {
      await this.#disk.unlink(temporary).catch(() => undefined); // else the next sweep takes it
      throw error;
    } finally {
      this.#inWork.delete(name);
    }
    this.#folders.changed(dirname(path));
  }

  /** Where the folder is missing it is made: tools that copy files leave empty folders out. */
  async #inFolderOf(path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      await this.#root.requireOneOf(["mikura"], error);
      await this.#folders.makeFolder(dirname(path));
      await work();
    }
  }
}

function randomTag(): string {
  return randomBytes(8).toString("hex");
}
