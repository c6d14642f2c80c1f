import {
  MANIFEST_FILE,
  MANIFEST_FOLDER,
  type ManifestEntry,
  manifestEntries,
} from "../../vault/manifest.ts";
import { type Id, idOf } from "../../vault/ids.ts";
import type { VaultReader } from "./vault-reader.ts";

/** The manifest of a snapshot as stored in it. */
export interface ReadManifest {
  readonly sha256: Id;
  readonly entries: readonly ManifestEntry[];
}

/** Undefined for a snapshot that has none: restic made it. Throws where it cannot be read. */
export async function readManifest(
  reader: VaultReader,
  tree: Id,
): Promise<ReadManifest | undefined> {
  const folder = (await reader.tree(tree)).find(({ name }) => name === MANIFEST_FOLDER);
  if (!folder?.subtree) return undefined;
  const node = (await reader.tree(folder.subtree)).find(({ name }) => name === MANIFEST_FILE);
  if (!node?.content) return undefined;
  const parts: Buffer[] = [];
  for (const id of node.content) parts.push(await reader.blob("data", id));
  const bytes = Buffer.concat(parts);
  return { sha256: idOf(bytes), entries: [...manifestEntries(bytes)] };
}
