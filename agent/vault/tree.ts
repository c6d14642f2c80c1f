import { type RawName, rawToBytes, rawToExactText } from "../base/raw-name.ts";
import { goJsonRaw, goJsonString } from "./go-json.ts";
import { goQuote } from "./go-quote.ts";
import type { Id } from "./ids.ts";
import { formatTime } from "./rfc3339.ts";

export type NodeType =
  | "file"
  | "dir"
  | "symlink"
  | "dev"
  | "chardev"
  | "fifo"
  | "socket"
  | "irregular";

/** One entry of a folder, as the restic format has it. */
export interface TreeNode {
  readonly name: RawName;
  readonly type: NodeType;
  /** Go's os.FileMode number (go-mode.ts), not st_mode. */
  readonly mode: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  readonly ctime: bigint;
  readonly uid: number;
  readonly gid: number;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  readonly inode: bigint;
  readonly deviceId: bigint;
  /** Bytes read; files only. */
  readonly size?: bigint | undefined;
  readonly links?: bigint | undefined;
  readonly linkTarget?: RawName | undefined;
  /** Device number; dev and chardev only. */
  readonly device?: bigint | undefined;
  /** Blobs of a file in order; null for everything else. */
  readonly content: readonly Id[] | null;
  readonly subtree?: Id | undefined;
}

/**
 * A node as restic 0.14 writes it, field by field, so that an unchanged folder has the same tree
 * whichever of the two wrote it. `atime` is written equal to `mtime`, as restic does by default.
 */
export function encodeNode(node: TreeNode): string {
  const mtime = formatTime(node.mtime);
  let json = `{"name":${goJsonString(goQuote(node.name))},"type":"${node.type}"`;
  if (node.mode !== 0) json += `,"mode":${node.mode}`;
  json += `,"mtime":"${mtime}","atime":"${mtime}","ctime":"${formatTime(node.ctime)}"`;
  json += `,"uid":${node.uid},"gid":${node.gid}`;
  if (node.user) json += `,"user":${goJsonString(node.user)}`;
  if (node.group) json += `,"group":${goJsonString(node.group)}`;
  if (node.inode) json += `,"inode":${node.inode}`;
  if (node.deviceId) json += `,"device_id":${node.deviceId}`;
  if (node.size) json += `,"size":${node.size}`;
  if (node.links) json += `,"links":${node.links}`;
  if (node.linkTarget !== undefined) json += linkTargetJson(node.linkTarget);
  if (node.device) json += `,"device":${node.device}`;
  json += `,"content":${contentJson(node.content)}`;
  if (node.subtree) json += `,"subtree":"${node.subtree}"`;
  return `${json}}`;
}

function contentJson(content: readonly Id[] | null): string {
  if (content === null) return "null";
  return content.length === 0 ? "[]" : `["${content.join('","')}"]`;
}

/** A target that is no UTF-8 is also given raw: restic 0.16 and newer read `linktarget_raw` first. */
function linkTargetJson(target: RawName): string {
  const json = `,"linktarget":${goJsonRaw(target)}`;
  if (rawToExactText(target) !== undefined) return json;
  return `${json},"linktarget_raw":"${rawToBytes(target).toString("base64")}"`;
}

/** The blob of a folder from its nodes, which must be in the order of their raw names. */
export function encodeTree(nodes: readonly string[]): Buffer {
  return Buffer.from(`{"nodes":[${nodes.join(",")}]}\n`);
}
