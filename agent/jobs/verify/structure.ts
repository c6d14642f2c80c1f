import { asFault } from "../../base/fault.ts";
import type { Store } from "../../copies/store.ts";
import type { Id } from "../../vault/ids.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { packSize } from "../../vault/pack-header.ts";
import { VaultIndex } from "../common/vault-index.ts";
import { VaultReader, readIndexFile } from "../common/vault-reader.ts";
import type { BadObject, Held } from "./read-back.ts";
import { TreeCheck } from "./tree-check.ts";

export interface ReadCopy {
  readonly name: string;
  readonly store: Store;
  readonly held: readonly Held[];
  /** Everything that it holds was read back in this run and is right. */
  readonly proved: boolean;
}

/** All index files of a copy, and what was found out below them. */
interface Indexed {
  /** Names of the files. */
  readonly files: string;
  readonly index: VaultIndex;
  /** Each pack that an index file names, and the size that its contents make. */
  readonly packs: readonly { readonly pack: Id; readonly size: number }[];
  readonly trees: TreeCheck;
}

/**
 * Whether copies are whole in themselves: every snapshot's trees and blobs are in the copy's index,
 * and every pack that its index names is there with the size that its contents make. Contents are
 * not read here but for the trees.
 *
 * What was read out of one copy holds for another where both are proved to the last byte and have
 * index files of the same names: names are hashes, so they are the same index and, where they are
 * there at all, the same packs. Each copy still has to hold those packs, and its own snapshots are read.
 */
export class StructureCheck {
  readonly #key: MasterKey;
  readonly #signal: AbortSignal;
  #proved: Indexed | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(key: MasterKey, signal: AbortSignal) {
    this.#key = key;
    this.#signal = signal;
  }

  /** What is bad in a copy. One copy at a time, in the order of the calls. */
  async badIn(copy: ReadCopy): Promise<BadObject[]> {
    const mine = this.#turn.then(() => this.#badIn(copy));
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }

  async #badIn(copy: ReadCopy): Promise<BadObject[]> {
    const bad = new Map<string, BadObject>();
    const found = (object: string, kind: BadObject["kind"], ja: string, en: string): void => {
      if (!bad.has(object)) bad.set(object, { object, kind, cause: { ja, en } });
    };
    const { index, packs, trees: shared } = await this.#indexOf(copy);
    const sizes = sizesOfPacks(copy.held);
    for (const { pack, size } of packs) {
      const there = sizes.get(pack);
      const path = `data/${pack}`;
      if (there === undefined)
        found(
          path,
          "missing",
          "索引にあるのに、写しにありません",
          "the index names it, the copy does not hold it",
        );
      else if (there !== size)
        found(path, "damaged", "大きさが索引と違います", "its size is not what the index says");
    }
    // Where a pack is missing or cut, the copy's own trees tell which snapshots suffer from it.
    const trees = bad.size === 0 ? shared : new TreeCheck(index);
    const reader = VaultReader.with(copy.store, copy.name, this.#key, index);
    for (const { id, tree } of await reader.snapshots()) {
      this.#signal.throwIfAborted();
      const path = `snapshots/${id}`;
      try {
        const missing = await trees.firstMissing(reader, tree, this.#signal);
        if (missing !== undefined)
          found(
            path,
            "damaged",
            `この世代に要る ${missing} がありません`,
            `it needs ${missing}, which is not there`,
          );
      } catch (error) {
        this.#signal.throwIfAborted();
        const { what } = asFault(error);
        found(path, "damaged", what.ja, what.en);
      }
    }
    return [...bad.values()];
  }

  async #indexOf({ name, store, held, proved }: ReadCopy): Promise<Indexed> {
    const names = held.filter(({ kind }) => kind === "index").map((object) => object.name);
    const files = names.toSorted().join();
    if (proved && this.#proved?.files === files) return this.#proved;
    const index = new VaultIndex();
    const packs: { pack: Id; size: number }[] = [];
    for (const file of names) {
      this.#signal.throwIfAborted();
      const contents = await readIndexFile(store, name, this.#key, file);
      for (const one of contents) packs.push({ pack: one.pack, size: packSize(one) });
      index.addAll(contents);
    }
    const indexed = { files, index, packs, trees: new TreeCheck(index) };
    if (proved) this.#proved = indexed;
    return indexed;
  }
}

function sizesOfPacks(held: readonly Held[]): Map<Id, number> {
  return new Map(held.filter(({ kind }) => kind === "data").map(({ name, size }) => [name, size]));
}
