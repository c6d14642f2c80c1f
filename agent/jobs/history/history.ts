import type { Words } from "../../base/words.ts";
import { asFault, type Fault } from "../../base/fault.ts";
import { type RawName, rawJoin } from "../../base/raw-name.ts";
import type { Id } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import { findSnapshot } from "../common/find-snapshot.ts";
import { openSource } from "../common/open-source.ts";
import { type StoredSnapshot, VaultReader, readSnapshots } from "../common/vault-reader.ts";
import { type Workplace, readyOf } from "../common/workplace.ts";
import { census } from "../restore/restore.ts";

export interface ListedSnapshot {
  readonly snapshot: StoredSnapshot;
  /** Names of the copies that hold it. */
  readonly copies: readonly string[];
  /** Known to the ledger only. */
  readonly files?: number | undefined;
  readonly bytes?: number | undefined;
}

export interface SnapshotList {
  readonly snapshots: readonly ListedSnapshot[];
  /** Copies that could not be asked. */
  readonly unasked: readonly { readonly copy: string; readonly fault: Fault }[];
}

/** All snapshots of the copies that are here, oldest first; of one copy where it is named. */
export async function listSnapshots(
  place: Workplace,
  copy: string | undefined,
): Promise<SnapshotList> {
  const { ledger } = place;
  const found = new Map<Id, { snapshot: StoredSnapshot; copies: string[] }>();
  const unasked: { copy: string; fault: Fault }[] = [];
  const take = (name: string, list: readonly StoredSnapshot[]): void => {
    for (const snapshot of list) {
      const known = found.get(snapshot.id);
      if (known) known.copies.push(name);
      else found.set(snapshot.id, { snapshot, copies: [name] });
    }
  };
  if (copy !== undefined) {
    const reader = await openSource(place, copy);
    take(copy, await reader.snapshots());
  } else {
    const opened = await place.copies();
    const { key } = await place.unlock(opened);
    for (const one of opened) {
      const { name } = one.copy;
      try {
        if (one.state !== "ready") throw one.fault;
        take(name, await readSnapshots(one.store, name, key));
      } catch (error) {
        unasked.push({ copy: name, fault: asFault(error) });
      }
    }
  }
  const snapshots = [...found.values()]
    .sort((a, b) => (a.snapshot.time < b.snapshot.time ? -1 : 1))
    .map((one) => {
      const record = ledger.snapshots.find(one.snapshot.id);
      return { ...one, files: record?.files, bytes: record?.bytes };
    });
  return { snapshots, unasked };
}

export type ChangeKind = "added" | "removed" | "changed" | "metadata";

export interface Change {
  readonly path: RawName;
  readonly kind: ChangeKind;
}

export const CHANGE_WORDS: Readonly<Record<ChangeKind, Words>> = {
  added: { ja: "追加", en: "added" },
  removed: { ja: "削除", en: "removed" },
  changed: { ja: "変更", en: "changed" },
  metadata: { ja: "日時や権限", en: "times or mode" },
};

/** What changed from one snapshot to another, read from the first copy that has both. */
export async function diffSnapshots(
  place: Workplace,
  ids: readonly [string, string],
  copy: string | undefined,
): Promise<{
  readonly from: StoredSnapshot;
  readonly to: StoredSnapshot;
  readonly changes: Change[];
}> {
  const reader = copy === undefined ? await firstReader(place) : await openSource(place, copy);
  const all = await reader.snapshots();
  const from = findSnapshot(all, { snapshot: ids[0] });
  const to = findSnapshot(all, { snapshot: ids[1] });
  for (const { tree } of [from, to]) await census(reader, tree);
  const changes: Change[] = [];
  await compareTrees(reader, from.tree, to.tree, "" as RawName, changes);
  return { from, to, changes };
}

async function firstReader(place: Workplace): Promise<VaultReader> {
  const opened = await place.copies();
  const { key } = await place.unlock(opened);
  const [first] = readyOf(opened);
  return await VaultReader.open(first!.store, first!.copy.name, key);
}

async function compareTrees(
  reader: VaultReader,
  a: Id | undefined,
  b: Id | undefined,
  at: RawName,
  changes: Change[],
): Promise<void> {
  if (a === b) return;
  const before = new Map(a ? (await reader.tree(a)).map((node) => [node.name, node]) : []);
  for (const node of b ? await reader.tree(b) : []) {
    const old = before.get(node.name);
    before.delete(node.name);
    await compareNodes(reader, old, node, rawJoin(at, node.name), changes);
  }
  for (const [name, node] of before)
    await compareNodes(reader, node, undefined, rawJoin(at, name), changes);
}

async function compareNodes(
  reader: VaultReader,
  a: TreeNode | undefined,
  b: TreeNode | undefined,
  path: RawName,
  changes: Change[],
): Promise<void> {
  const kind = kindOfChange(a, b);
  if (kind) changes.push({ path, kind });
  await compareTrees(reader, a?.subtree, b?.subtree, path, changes);
}

function kindOfChange(a: TreeNode | undefined, b: TreeNode | undefined): ChangeKind | undefined {
  if (!a) return "added";
  if (!b) return "removed";
  if (a.type !== b.type || a.linkTarget !== b.linkTarget || a.content?.join() !== b.content?.join())
    return "changed";
  return a.mode !== b.mode || a.mtime !== b.mtime || a.uid !== b.uid || a.gid !== b.gid
    ? "metadata"
    : undefined;
}
