import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  unlinkSync,
} from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import { setFileMtime } from "../../base/libc.ts";
import { openBlob, reusedRoom } from "../../vault/blob.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { type BatchedFile, readBatch } from "./file-batch.ts";
import { writeSparse } from "./range-writer.ts";
import type { FilesTask, WriterReply, Wrong } from "./write-messages.ts";

// O_EXCL and O_NOFOLLOW: never over or through anything that lies there.
export const CREATE: number =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Until it has its owner, nobody else may open a file. */
const OURS_ALONE = 0o600;

/** Longer than any path that the system opens: PATH_MAX is 4096. Bytes. */
const PATH_ROOM = 8192;

/** Writes whole files of one blob, or of none. */
export class FileWriter {
  readonly #key: MasterKey;
  readonly #owners: boolean;
  readonly #room = reusedRoom();
  readonly #path = Buffer.alloc(PATH_ROOM);
  #folderLength = 0;
  /** Permission bits that a new file in this folder gets as they were asked for. */
  readonly #kept = new Set<number>();
  readonly #uid = process.geteuid?.();
  readonly #gid = process.getegid?.();

  constructor(key: MasterKey, owners: boolean) {
    this.#key = key;
    this.#owners = owners;
  }

  write({ batch, part }: FilesTask): WriterReply {
    const reply = { files: 0, bytes: 0, wrong: [] as { file: number; why: Wrong }[] };
    readBatch(batch, (file) => {
      const why = this.#one(file, part);
      if (why !== undefined) {
        reply.wrong.push({ file: file.file, why });
        return;
      }
      reply.files++;
      reply.bytes += file.rawLength;
    });
    return reply;
  }

  /** Writes a file; what is wrong, if anything is. Then no trace of it is left. */
  #one(file: BatchedFile, part: Uint8Array): Wrong | undefined {
    const path = this.#pathOf(file);
    if (!path) return "ENAMETOOLONG";
    const plain = this.#open(file, part);
    if (!plain) return "damaged";
    let fd = -1;
    let made = false;
    try {
      const { mode } = file;
      // Bits beyond the permissions go when a file is written to.
      const direct = mode <= 0o777 && this.#isOwner(file);
      fd = openSync(path, CREATE, direct ? mode : OURS_ALONE);
      made = true;
      writeSparse(fd, -1, plain, 0, true);
      if (!direct || !this.#kept.has(mode)) this.#dress(fd, file, direct);
      setFileMtime(fd, file.seconds, file.nanoseconds);
      const written = fd;
      fd = -1; // closed in any case, and its number soon means another file
      closeSync(written);
      return undefined;
    } catch (error) {
      if (fd >= 0) closeSync(fd);
      if (made) unlinkSync(path); // else not ours to remove
      return errnoOf(error) ?? "EIO";
    }
  }

  #open({ at, length, id, type, rawLength }: BatchedFile, part: Uint8Array): Buffer | undefined {
    if (length === 0) return EMPTY;
    return openBlob(this.#key, part.subarray(at, at + length), { id, type, rawLength }, this.#room);
  }

  /** Undefined where it is longer than any path can be. */
  #pathOf({ folder, name }: BatchedFile): Buffer | undefined {
    if (folder) {
      this.#kept.clear();
      this.#folderLength = folder.length + 1;
      if (this.#folderLength >= PATH_ROOM) return undefined;
      this.#path.set(folder);
      this.#path[folder.length] = SLASH;
    }
    const end = this.#folderLength + name.length;
    if (end > PATH_ROOM) return undefined;
    this.#path.set(name, this.#folderLength);
    return this.#path.subarray(0, end);
  }

  #isOwner({ uid, gid }: BatchedFile): boolean {
    return !this.#owners || (uid === this.#uid && gid === this.#gid);
  }

  /**
   * Gives a file its owner and mode. Where it was asked for with its mode, it has both but for a
   * umask, an ACL or a group that its folder hands down: that is looked up once in a folder.
   */
  #dress(fd: number, { mode, uid, gid }: BatchedFile, direct: boolean): void {
    if (direct) {
      const now = fstatSync(fd);
      const owned = !this.#owners || (now.uid === uid && now.gid === gid);
      if (owned && (now.mode & 0o7777) === mode) {
        this.#kept.add(mode);
        return;
      }
    }
    if (this.#owners) fchownSync(fd, uid, gid);
    fchmodSync(fd, mode); // after chown, which clears setuid
  }
}

const EMPTY = Buffer.alloc(0);
const SLASH = 0x2f;
