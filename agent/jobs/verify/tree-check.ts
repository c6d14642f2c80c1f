import { ID_BYTES, type Id } from "../../vault/ids.ts";
import { treeLinks } from "../../vault/tree-links.ts";
import type { VaultIndex } from "../common/vault-index.ts";
import type { VaultReader } from "../common/vault-reader.ts";

/** A folder on the way down from a snapshot. */
interface Open {
  /** Number in the index's table of trees. */
  readonly entry: number;
  /** Ids of its folders, and how many bytes of them were looked at. */
  readonly subtrees: Uint8Array;
  done: number;
}

/**
 * Whether all that a tree needs is in the index. Each tree is read once, however many snapshots and
 * folders hold it; one that lacks something is read again for each of them.
 */
export class TreeCheck {
  readonly #index: VaultIndex;
  /** 1 for a tree below which all is there, by its number in the index's table. */
  readonly #whole: Uint8Array;

  constructor(index: VaultIndex) {
    this.#index = index;
    this.#whole = new Uint8Array(index.tree.count);
  }

  /** What a tree needs and no index knows, in words; undefined where nothing is missing. */
  async firstMissing(
    reader: VaultReader,
    root: Id,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    // Its own stack: how deep folders go is the vault's word, and a vault may be hostile.
    const way: Open[] = [];
    let missing = await this.#enter(reader, Buffer.from(root, "hex"), way);
    while (missing === undefined && way.length > 0) {
      signal.throwIfAborted();
      const folder = way.at(-1)!;
      if (folder.done < folder.subtrees.length) {
        const id = folder.subtrees.subarray(folder.done, (folder.done += ID_BYTES));
        missing = await this.#enter(reader, id, way);
      } else {
        this.#whole[folder.entry] = 1; // only when all below it is there
        way.pop();
      }
    }
    return missing;
  }

  async #enter(reader: VaultReader, id: Uint8Array, way: Open[]): Promise<string | undefined> {
    const entry = this.#index.tree.find(id);
    if (entry < 0) return `tree ${hex(id)}`;
    if (this.#whole[entry] === 1) return undefined;
    const { contents, subtrees } = treeLinks(await reader.blob("tree", hex(id)));
    const { data } = this.#index;
    for (let at = 0; at < contents.length; at += ID_BYTES) {
      const blob = contents.subarray(at, at + ID_BYTES);
      if (data.find(blob) < 0) return `blob ${hex(blob)}`;
    }
    way.push({ entry, subtrees, done: 0 });
    return undefined;
  }
}

function hex(id: Uint8Array): Id {
  return Buffer.from(id).toString("hex");
}
