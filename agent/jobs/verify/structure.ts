import { asFault } from "../../base/fault.ts";
import type { Store } from "../../copies/store.ts";
import type { Id } from "../../vault/ids.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { packSize } from "../../vault/pack-header.ts";
import { openIndexFile } from "../common/vault-index.ts";
import { VaultReader } from "../common/vault-reader.ts";
import type { BadObject, Held } from "./read-back.ts";

/** Sizes of the packs among the objects of a copy, by name. */
export function packsOf(held: readonly Held[]): Map<Id, number> {
  return new Map(held.filter(({ kind }) => kind === "data").map(({ name, size }) => [name, size]));
}

/**
 * Whether a copy is whole in itself: every snapshot's trees and blobs are in its index, and every
 * pack that its index names is there with the size that its contents make. Contents are not read
 * here but for the trees.
 *
 * @param packs sizes of the packs in the copy, by name
 */
export async function checkStructure(
  store: Store,
  copy: string,
  key: MasterKey,
  packs: ReadonlyMap<Id, number>,
  signal: AbortSignal,
): Promise<BadObject[]> {
  const bad = new Map<string, BadObject>();
  const found = (object: string, kind: BadObject["kind"], ja: string, en: string): void => {
    if (!bad.has(object)) bad.set(object, { object, kind, cause: { ja, en } });
  };
  for await (const { name } of store.list("index")) {
    const file = await store.get({ kind: "index", name });
    if (!file) continue;
    for (const contents of openIndexFile(key, name, file)) {
      const size = packs.get(contents.pack);
      const path = `data/${contents.pack}`;
      if (size === undefined)
        found(
          path,
          "missing",
          "索引にあるのに、写しにありません",
          "the index names it, the copy does not hold it",
        );
      else if (size !== packSize(contents))
        found(path, "damaged", "大きさが索引と違います", "its size is not what the index says");
    }
  }
  const reader = await VaultReader.open(store, copy, key);
  const seen = new Set<Id>();
  for (const snapshot of await reader.snapshots()) {
    signal.throwIfAborted();
    const path = `snapshots/${snapshot.id}`;
    try {
      const missing = await firstMissing(reader, snapshot.tree, seen);
      if (missing)
        found(
          path,
          "damaged",
          `この世代に要る ${missing} がありません`,
          `it needs ${missing}, which is not there`,
        );
    } catch (error) {
      const { what } = asFault(error);
      found(path, "damaged", what.ja, what.en);
    }
  }
  return [...bad.values()];
}

/** The first tree or blob below a tree that no index knows. Each tree is read once. */
async function firstMissing(
  reader: VaultReader,
  tree: Id,
  seen: Set<Id>,
): Promise<string | undefined> {
  if (seen.has(tree)) return undefined;
  if (!reader.index.find("tree", tree)) return `tree ${tree}`;
  const nodes = await reader.tree(tree);
  for (const { content, subtree } of nodes) {
    const blob = content?.find((id) => !reader.index.find("data", id));
    if (blob !== undefined) return `blob ${blob}`;
    const below = subtree && (await firstMissing(reader, subtree, seen));
    if (below) return below;
  }
  seen.add(tree); // only when all below it is there
  return undefined;
}
