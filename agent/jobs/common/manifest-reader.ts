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
  const read = await readManifestFile(reader, tree);
  return read && { sha256: read.sha256, entries: [...read.entries] };
}

/** The same, without an object for each entry until it is asked for; that may throw, too. */
export async function readManifestFile(
  reader: VaultReader,
  tree: Id,
): Promise<{ sha256: Id; entries: Iterable<ManifestEntry> } | undefined> {
  const folder = (await reader.tree(tree)).find(({ name }) => name === MANIFEST_FOLDER);
  if (!folder?.subtree) return undefined;
  const node = (await reader.tree(folder.subtree)).find(({ name }) => name === MANIFEST_FILE);
  if (!node?.content) return undefined;
  const bytes = await contentOf(reader, node);
  return { sha256: idOf(bytes), entries: { [Symbol.iterator]: () => entriesOf(bytes) } };

  function* entriesOf(json: Buffer): Generator<ManifestEntry> {
    try {
      yield* manifestEntries(json);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw damaged(reader.copy, `${MANIFEST_FOLDER}/${MANIFEST_FILE}`);
    }
  }
}

/** Some eight million entries (bytes). */
const MAX_MANIFEST = 2 ** 31;

/** The content of the manifest's file, of the length that its node says and bounded. */
async function contentOf(reader: VaultReader, node: TreeNode): Promise<Buffer> {
  const size = Number(node.size ?? 0n);
  const bytes = Buffer.allocUnsafeSlow(size <= MAX_MANIFEST ? size : 0);
  let held = 0;
  for (const id of size <= MAX_MANIFEST ? node.content! : []) {
    const part = await reader.blob("data", id);
    if (held + part.length > size) throw damaged(reader.copy, `${MANIFEST_FOLDER}/${node.name}`);
    bytes.set(part, held);
    held += part.length;
  }
  if (held !== size) throw damaged(reader.copy, `${MANIFEST_FOLDER}/${node.name}`);
  return bytes;
}
