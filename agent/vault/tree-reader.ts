import { Fault } from "../base/fault.ts";
import { parseJsonExact } from "../base/json.ts";
import { type RawName, rawFromBytes, rawFromText, rawToText } from "../base/raw-name.ts";
import { goUnquote } from "./go-quote.ts";
import { type Id, isId } from "./ids.ts";
import { parseTime } from "./rfc3339.ts";
import type { NodeType, TreeNode } from "./tree.ts";

const TYPES: ReadonlySet<string> = new Set<NodeType>([
  "file",
  "dir",
  "symlink",
  "dev",
  "chardev",
  "fifo",
  "socket",
  "irregular",
]);

/**
 * The nodes of a folder's blob, in the order of their raw names.
 *
 * Whatever the vault says, a name is one path component and stands once: anything else is
 * Fault("tree-hostile"), because restic itself restores such trees wrongly with exit 0
 * (duplicate names lose a file, `node.size` pads it).
 */
export function decodeTree(blob: Uint8Array): TreeNode[] {
  let parsed: unknown;
  try {
    parsed = parseJsonExact(Buffer.from(blob).toString("utf8"));
  } catch (cause) {
    throw hostile("not JSON", cause);
  }
  const list = isRecord(parsed) ? (parsed["nodes"] ?? []) : undefined;
  if (!Array.isArray(list)) throw hostile("no list of nodes");
  const nodes = (list as unknown[]).map(decodeNode);
  nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
  nodes.forEach((node, i) => {
    if (i > 0 && nodes[i - 1]!.name === node.name)
      throw hostile(`two entries named ${show(node.name)}`);
  });
  return nodes;
}

function decodeNode(value: unknown): TreeNode {
  if (!isRecord(value)) throw hostile("an entry is no object");
  const quoted = value["name"];
  if (typeof quoted !== "string") throw hostile("a name is no text");
  const name = goUnquote(quoted);
  if (name === undefined || !isComponent(name)) throw hostile(`the name ${JSON.stringify(quoted)}`);
  const type = value["type"];
  if (typeof type !== "string" || !TYPES.has(type)) throw hostile(`the type of ${show(name)}`);
  const node: TreeNode = {
    name,
    type: type as NodeType,
    mode: Number(whole(value["mode"], name)),
    mtime: time(value["mtime"], name),
    ctime: time(value["ctime"], name),
    uid: Number(whole(value["uid"], name)),
    gid: Number(whole(value["gid"], name)),
    user: text(value["user"]),
    group: text(value["group"]),
    inode: whole(value["inode"], name),
    deviceId: whole(value["device_id"], name),
    size: whole(value["size"], name),
    links: whole(value["links"], name),
    linkTarget: type === "symlink" ? linkTarget(value, name) : undefined,
    device: whole(value["device"], name),
    content: type === "file" ? content(value["content"], name) : null,
    subtree: type === "dir" ? subtree(value["subtree"], name) : undefined,
  };
  return node;
}

/** One path component: no separator, no NUL, not empty, neither "." nor "..", 255 bytes at most. */
function isComponent(name: RawName): boolean {
  return !/[/\0]/.test(name) && name !== "" && name !== "." && name !== ".." && name.length <= 255;
}

function content(value: unknown, name: RawName): Id[] {
  const list = value ?? [];
  if (!Array.isArray(list) || !list.every(isId)) throw hostile(`the content of ${show(name)}`);
  return list;
}

function subtree(value: unknown, name: RawName): Id {
  if (!isId(value)) throw hostile(`the folder ${show(name)}`);
  return value;
}

function linkTarget(value: Record<string, unknown>, name: RawName): RawName {
  const raw = value["linktarget_raw"];
  if (typeof raw === "string") return rawFromBytes(Buffer.from(raw, "base64"));
  const target = value["linktarget"] ?? "";
  if (typeof target !== "string") throw hostile(`the link ${show(name)}`);
  return rawFromText(target);
}

function whole(value: unknown, name: RawName): bigint {
  if (value === undefined) return 0n;
  if (typeof value === "bigint" && value >= 0n && value < 1n << 64n) return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw hostile(`a number of ${show(name)}`);
}

function time(value: unknown, name: RawName): bigint {
  const ns = typeof value === "string" ? parseTime(value) : 0n;
  if (ns === undefined) throw hostile(`a time of ${show(name)}`);
  return ns;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function show(name: RawName): string {
  return JSON.stringify(rawToText(name));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hostile(why: string, cause?: unknown): Fault {
  return new Fault("tree-hostile", {
    exit: 4,
    what: {
      ja: `蔵の中のフォルダーの記録が正しくありません（${why}）`,
      en: `A folder's record in the vault is not sound (${why})`,
    },
    next: {
      ja: "別の写し、または1つ前の世代から復元してください",
      en: "Restore from another copy, or from the snapshot before this one",
    },
    cause,
  });
}
