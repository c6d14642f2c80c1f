import { hash } from "node:crypto";
import { chmodSync, chownSync, lchownSync, linkSync, mkdirSync, symlinkSync } from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import { makeSpecial, setMtime } from "../../base/libc.ts";
import type { Progress } from "../../base/progress.ts";
import { type RawName, rawFromText, rawJoin, rawToBytes } from "../../base/raw-name.ts";
import { fromGoMode } from "../../vault/go-mode.ts";
import type { Id } from "../../vault/ids.ts";
import type { ManifestEntry } from "../../vault/manifest.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { VaultReader } from "../common/vault-reader.ts";
import { FileRestorer } from "./file-restorer.ts";
import { type PathFilter, walkTree } from "./tree-walk.ts";
import { ManifestCheck, isOurs } from "./manifest-check.ts";
import type { WrongPath } from "./write-messages.ts";

export interface RestoredTree {
  readonly files: number;
  /** Bytes of the files. */
  readonly bytes: number;
  /** What is not as it should be; the files named are not in the target. */
  readonly wrong: readonly WrongPath[];
}

interface Later {
  readonly path: RawName;
  readonly node: TreeNode;
}

/**
 * Writes a snapshot below `target`, which must be empty and ours. Nothing is written outside of it,
 * whatever the vault says: names are single components (tree-reader.ts), files and folders are made
 * new or not at all, and symbolic links are made when nothing is written through a path any more.
 */
export async function restoreTree(given: {
  reader: VaultReader;
  root: Id;
  target: string;
  filter: PathFilter;
  /** Undefined for a snapshot without a manifest. */
  manifest: Iterable<ManifestEntry> | undefined;
  progress: Progress;
  signal: AbortSignal;
}): Promise<RestoredTree> {
  const { reader, signal } = given;
  const target = rawFromText(given.target);
  const owners = process.getuid?.() === 0;
  const check = given.manifest && new ManifestCheck(given.manifest, given.filter);
  const wrong: WrongPath[] = [];
  const folders: Later[] = [];
  const links: Later[] = [];
  const twins = new Map<string, RawName>();
  const twinsLater: { path: RawName; of: RawName }[] = [];
  const attempt = (path: RawName, work: () => boolean | void): void => {
    try {
      if (work() === false) wrong.push({ path, why: "EPERM" });
    } catch (error) {
      wrong.push({ path, why: errnoOf(error) ?? "EIO" });
    }
  };

  /** The manifest's files are restored and not counted: they are no files of the owner's. */
  const own = { files: 0, bytes: 0 };
  const { progress } = given;
  await using files = new FileRestorer({ reader, target, owners, progress, signal });
  for await (const { step, path, node } of walkTree(reader, given.root, given.filter)) {
    signal.throwIfAborted();
    const place = rawJoin(target, path);
    // The manifest names a folder after what is in it.
    const said = step === "enter" ? undefined : check?.seen(path, node);
    if (step === "enter") {
      attempt(path, () => mkdirSync(rawToBytes(place), { mode: 0o700 }));
    } else if (step === "leave") {
      folders.push({ path, node }); // inner folders come first: their making changes the outer's time
    } else if (node.type === "file") {
      const twin = twinKey(node, said?.sha256);
      const first = twin === undefined ? undefined : twins.get(twin);
      if (first !== undefined) {
        twinsLater.push({ path, of: first });
        continue;
      }
      if (twin !== undefined) twins.set(twin, path);
      await files.add({ path: place, node, sha256: said?.sha256 });
      if (isOurs(path)) {
        own.files++;
        own.bytes += Number(node.size);
      }
    } else {
      links.push({ path, node });
    }
  }
  for (const { path, why } of await files.finish()) {
    wrong.push({ path: path.slice(target.length + 1) as RawName, why });
  }
  for (const { path, of } of twinsLater) {
    attempt(path, () =>
      linkSync(rawToBytes(rawJoin(target, of)), rawToBytes(rawJoin(target, path))),
    );
  }
  for (const { path, node } of links) {
    attempt(path, () => makeLink(rawToBytes(rawJoin(target, path)), node, owners));
  }
  for (const { path, node } of folders) {
    attempt(path, () => dress(rawToBytes(rawJoin(target, path)), node, owners));
  }
  const named = new Set(wrong.map(({ path }) => path));
  for (const one of check?.finish() ?? []) if (!named.has(one.path)) wrong.push(one);
  return {
    files: files.files + twinsLater.length - own.files,
    bytes: files.bytes - own.bytes,
    wrong,
  };
}

/**
 * Hard links of one file: same inode, device and content, and more than one name. The content is
 * compared to its last blob and by the manifest: an inode number alone proves nothing.
 */
function twinKey(node: TreeNode, sha256: Id | undefined): string | undefined {
  if (!node.links || node.links < 2n || node.inode === 0n) return undefined;
  const content = hash("sha256", (node.content ?? []).join());
  return `${node.deviceId}:${node.inode}:${node.size}:${content}:${sha256}`;
}

/** A symbolic link, FIFO or device. False where this system or user cannot make one. */
function makeLink(path: Buffer, node: TreeNode, owners: boolean): boolean {
  const mode = fromGoMode(node.mode);
  if (node.type === "symlink") {
    symlinkSync(rawToBytes(node.linkTarget ?? ("" as RawName)), path);
    if (owners) lchownSync(path, node.uid, node.gid);
    return setMtime(path, node.mtime);
  }
  if (node.type !== "fifo" && node.type !== "dev" && node.type !== "chardev") return true;
  if (!makeSpecial(path, mode, node.device ?? 0n)) return false;
  if (owners) chownSync(path, node.uid, node.gid);
  chmodSync(path, mode & 0o7777); // mknod is subject to the umask
  return setMtime(path, node.mtime);
}

/** Gives a folder its owner, mode and time, once nothing is made in it any more. */
function dress(path: Buffer, node: TreeNode, owners: boolean): boolean {
  if (owners) chownSync(path, node.uid, node.gid);
  chmodSync(path, fromGoMode(node.mode) & 0o7777);
  return setMtime(path, node.mtime);
}
