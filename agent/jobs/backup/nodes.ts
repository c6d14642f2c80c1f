import { Buffer } from "node:buffer";
import { joinSeconds } from "../../base/nanoseconds.ts";
import type { RawName } from "../../base/raw-name.ts";
import { fromGoMode, toGoMode } from "../../vault/go-mode.ts";
import type { NodeType, TreeNode } from "../../vault/tree.ts";
import type { OwnerNames } from "./owner-names.ts";
import { STAT, STAT_WORDS, type SealedFiles } from "./seal-messages.ts";

export const PERMISSIONS = 0o7777;

/** The numbers of lstat or fstat that a node keeps. */
export interface Stat {
  readonly mode: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  readonly nlink: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly rdev?: bigint;
}

/** fstat of a file of a sealed batch, as it was when the file had been read. */
export function statOf(batch: SealedFiles, i: number): Stat {
  const word = (n: number): bigint => batch.stats[i * STAT_WORDS + n]!;
  const time = (n: number): bigint => joinSeconds(word(n), word(n + 1));
  return {
    mode: word(STAT.mode),
    size: word(STAT.size),
    mtimeNs: time(STAT.mtime),
    ctimeNs: time(STAT.ctime),
    ino: BigInt.asUintN(64, word(STAT.inode)),
    dev: BigInt.asUintN(64, word(STAT.device)),
    nlink: word(STAT.links),
    uid: word(STAT.uid),
    gid: word(STAT.gid),
  };
}

/** Fields that the kinds of node have beside the common ones. */
export type NodeExtra = Partial<
  Pick<TreeNode, "size" | "links" | "linkTarget" | "device" | "subtree">
>;

export function nodeOf(
  name: RawName,
  stat: Stat,
  owners: OwnerNames,
  content: TreeNode["content"],
  extra: NodeExtra,
): TreeNode {
  const uid = Number(stat.uid);
  const gid = Number(stat.gid);
  return {
    name,
    type: typeOf(stat.mode),
    mode: toGoMode(Number(stat.mode)),
    mtime: stat.mtimeNs,
    ctime: stat.ctimeNs,
    uid,
    gid,
    user: owners.user(uid),
    group: owners.group(gid),
    inode: stat.ino,
    deviceId: stat.dev,
    content,
    ...extra,
  };
}

const TYPES: Readonly<Record<number, NodeType>> = {
  0o010000: "fifo",
  0o020000: "chardev",
  0o040000: "dir",
  0o060000: "dev",
  0o100000: "file",
  0o120000: "symlink",
  0o140000: "socket",
};

export function typeOf(mode: bigint): NodeType {
  return TYPES[Number(mode) & 0o170000] ?? "irregular";
}

/** Unix permission bits of a node. */
export function permissionsOf(node: Pick<TreeNode, "mode">): number {
  return fromGoMode(node.mode) & PERMISSIONS;
}

/** Ids of a flat list of blobs. */
export function idsOf(blobs: Uint8Array): string[] {
  const bytes = Buffer.from(blobs.buffer, blobs.byteOffset, blobs.length);
  const ids: string[] = [];
  for (let at = 0; at < bytes.length; at += 32) ids.push(bytes.toString("hex", at, at + 32));
  return ids;
}
