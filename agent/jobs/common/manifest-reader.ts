import {
  MANIFEST_FILE,
  MANIFEST_FOLDER,
  type ManifestEntry,
  manifestEntries,
} from "../../vault/manifest.ts";
import { type Id, idOf } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import { type VaultReader, damaged } from "./vault-reader.ts";

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
  const bytes = await contentOf(reader, node);
  try {
    return { sha256: idOf(bytes), entries: [...manifestEntries(bytes)] };
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(reader.copy, `${MANIFEST_FOLDER}/${node.name}`);
    throw error;
  }
}

/** Some eight million entries (bytes). */
const MAX_MANIFEST = 2 ** 31;

/** The content of the manifest's file, of the length that its node says and bounded. */
async function contentOf(reader: VaultReader, node: TreeNode): Promise<Buffer> {
  const size = Number(node.size ?? 0n);
  const parts: Buffer[] = [];
  let held = 0;
  for (const id of size <= MAX_MANIFEST ? node.content! : []) {
    const part = await reader.blob("data", id);
    held += part.length;
    if (held > size) break;
    parts.push(part);
  }
  if (held !== size) throw damaged(reader.copy, `${MANIFEST_FOLDER}/${node.name}`);
  return Buffer.concat(parts);
}
