import { type RawName, rawJoin } from "../../base/raw-name.ts";
import { Fault } from "../../base/fault.ts";
import type { Id } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { VaultReader } from "../common/vault-reader.ts";

/** One step through a snapshot; `path` is below the root, without a leading "/". */
export interface TreeStep {
  /** `leave` follows everything inside the folder that `enter` named. */
  readonly step: "enter" | "leave" | "entry";
  readonly path: RawName;
  readonly node: TreeNode;
}

/** Whether a path is wanted, leads to something wanted, or neither. */
export type PathFilter = (path: RawName) => "wanted" | "way" | "no";

export const everything: PathFilter = () => "wanted";

/** The given paths and all inside them; a leading "/" makes no difference. */
export function onlyPaths(paths: readonly RawName[]): PathFilter {
  const wanted = paths.map((path) => path.replace(/^\/+|\/+$/g, "") as RawName);
  return (path) => {
    if (wanted.some((w) => w === "" || path === w || path.startsWith(`${w}/`))) return "wanted";
    return wanted.some((w) => w.startsWith(`${path}/`)) ? "way" : "no";
  };
}

/** Goes through a snapshot in order. */
export async function* walkTree(
  reader: VaultReader,
  root: Id,
  filter: PathFilter,
  at: RawName = "" as RawName,
): AsyncGenerator<TreeStep> {
  for (const node of await reader.tree(root)) {
    const path = rawJoin(at, node.name);
    const choice = filter(path);
    if (choice === "no" || (choice === "way" && node.type !== "dir")) continue;
    if (!node.subtree) {
      yield { step: "entry", path, node };
      continue;
    }
    yield { step: "enter", path, node };
    yield* walkTree(reader, node.subtree, filter, path);
    yield { step: "leave", path, node };
  }
}

export interface Census {
  /** Levels of folders. */
  readonly height: number;
  readonly entries: number;
  readonly files: number;
  readonly bytes: number;
}

/** More entries than this in one snapshot is an attack: trees that name each other twice (2^40 paths). */
const MAX_ENTRIES = 2 ** 26;
/** No path of 4096 bytes, the longest that Linux opens, has more folders. */
const MAX_HEIGHT = 2048;

/**
 * Counts a snapshot by reading each tree once, however often it stands in the snapshot. Whoever
 * walks a snapshot counts it first: throws Fault("too-large") for one that would never end.
 */
export async function census(reader: VaultReader, root: Id): Promise<Census> {
  return await count(reader, root, 0, new Map());
}

async function count(
  reader: VaultReader,
  root: Id,
  depth: number,
  known: Map<Id, Census>,
): Promise<Census> {
  const before = known.get(root);
  if (depth + (before?.height ?? 0) > MAX_HEIGHT) throw tooMany(reader.copy);
  if (before) return before;
  let height = 0;
  let entries = 0;
  let files = 0;
  let bytes = 0;
  for (const node of await reader.tree(root)) {
    entries++;
    if (node.type === "file") {
      files++;
      bytes += Number(node.size ?? 0n);
    } else if (node.subtree) {
      const inside = await count(reader, node.subtree, depth + 1, known);
      height = Math.max(height, inside.height + 1);
      entries += inside.entries;
      files += inside.files;
      bytes += inside.bytes;
    }
    if (entries > MAX_ENTRIES) throw tooMany(reader.copy);
  }
  const counted = { height, entries, files, bytes };
  known.set(root, counted);
  return counted;
}

function tooMany(copy: string): Fault {
  return new Fault("too-large", {
    exit: 4,
    what: {
      ja: `写し「${copy}」のこの世代には、ありえない数のファイル、または深さのフォルダーが記録されています`,
      en: `This snapshot in copy "${copy}" claims an impossible number of files or depth of folders`,
    },
    next: {
      ja: "別の世代か、別の写しを選んでください",
      en: "Choose another snapshot or another copy",
    },
  });
}
