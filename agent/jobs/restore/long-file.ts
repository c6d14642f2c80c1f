import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  openSync,
  unlinkSync,
} from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import { setFileMtime } from "../../base/libc.ts";
import { splitSeconds } from "../../base/nanoseconds.ts";
import { rawToBytes } from "../../base/raw-name.ts";
import { fromGoMode } from "../../vault/go-mode.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { FileTask } from "./file-parts.ts";
import { CREATE } from "./file-writer.ts";
import type { Wrong } from "./write-messages.ts";

/** Less than this is written through the page cache (bytes). */
const WORTH_WHILE = 1024 * 1024;

/** A file whose ranges several threads write. */
export class LongFile {
  readonly #path: Buffer;
  readonly #node: TreeNode;
  readonly #owners: boolean;
  readonly fd: number;
  /** The same file, written past the page cache; -1: not possible. */
  readonly direct: number = -1;
  #open = true;

  /** Makes the file. Throws where the target does not let it. */
  constructor({ path, node }: FileTask, given: { owners: boolean; direct: boolean }) {
    this.#path = rawToBytes(path);
    this.#node = node;
    this.#owners = given.owners;
    this.fd = openSync(this.#path, CREATE, 0o600);
    if (!given.direct || Number(node.size) < WORTH_WHILE) return;
    try {
      // By its descriptor: under its path could lie something else by now.
      const flags = constants.O_WRONLY | constants.O_DIRECT;
      this.direct = openSync(`/proc/self/fd/${this.fd}`, flags);
      // Writes that lengthen a file wait for each other.
      ftruncateSync(this.fd, Number(node.size));
    } catch (error) {
      if (this.direct < 0) return; // no /proc, or no direct writing after all
      this.discard();
      throw error;
    }
  }

  /** Gives the file its length, owner, mode and time, once all is written. */
  finish(): Wrong | undefined {
    const node = this.#node;
    try {
      const size = Number(node.size);
      if (fstatSync(this.fd).size !== size) ftruncateSync(this.fd, size); // it ends in a hole
      if (this.#owners) fchownSync(this.fd, node.uid, node.gid);
      fchmodSync(this.fd, fromGoMode(node.mode) & 0o7777); // after chown, which clears setuid
      const [seconds, rest] = splitSeconds(node.mtime);
      setFileMtime(this.fd, Number(seconds), Number(rest));
      this.close();
      return undefined;
    } catch (error) {
      this.discard();
      return errnoOf(error) ?? "EIO";
    }
  }

  /** Leaves no trace of a file that is wrong. */
  discard(): void {
    this.close();
    unlinkSync(this.#path);
  }

  /** Only when no thread writes any more: a closed descriptor's number soon means another file. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.direct >= 0) closeSync(this.direct);
    closeSync(this.fd);
  }
}
