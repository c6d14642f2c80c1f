import { Fault } from "../../base/fault.ts";
import type { Store } from "../../copies/store.ts";
import { openBlob } from "../../vault/blob.ts";
import { openFile } from "../../vault/files.ts";
import { type Id, idOf } from "../../vault/ids.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import type { BlobKind, PackContents } from "../../vault/packed.ts";
import { type Snapshot, decodeSnapshot } from "../../vault/snapshot-file.ts";
import type { TreeNode } from "../../vault/tree.ts";
import { decodeTree } from "../../vault/tree-reader.ts";
import { VaultIndex, openIndexFile } from "./vault-index.ts";

export interface StoredSnapshot extends Snapshot {
  readonly id: Id;
}

/** Tree packs kept in memory: folders beside each other lie in the same pack. */
const KEPT_PACKS = 4;

/**
 * Reads the vault from one copy and no other: what a copy cannot give is not fetched elsewhere, so
 * that a restore proves this copy.
 */
export class VaultReader {
  readonly store: Store;
  readonly key: MasterKey;
  readonly copy: string;
  readonly index: VaultIndex;
  readonly #treePacks = new Map<Id, Buffer>();

  private constructor(store: Store, copy: string, key: MasterKey, index: VaultIndex) {
    this.store = store;
    this.copy = copy;
    this.key = key;
    this.index = index;
  }

  /** Loads the copy's index. Throws Fault("object-damaged") for an index file that is not whole. */
  static async open(store: Store, copy: string, key: MasterKey): Promise<VaultReader> {
    const index = new VaultIndex();
    for await (const { name } of store.list("index"))
      index.addAll(await readIndexFile(store, copy, key, name));
    return VaultReader.with(store, copy, key, index);
  }

  /** @param index the copy's own, or one from the same index files */
  static with(store: Store, copy: string, key: MasterKey, index: VaultIndex): VaultReader {
    return new VaultReader(store, copy, key, index);
  }

  /** All snapshots of the copy, oldest first. */
  async snapshots(): Promise<StoredSnapshot[]> {
    return await readSnapshots(this.store, this.copy, this.key);
  }

  async tree(id: Id): Promise<TreeNode[]> {
    return decodeTree(await this.blob("tree", id));
  }

  /** A blob's plaintext, proved. Read once more before it is called damaged (promise 4). */
  async blob(kind: BlobKind, id: Id): Promise<Buffer> {
    const place = this.index.find(kind, id);
    if (!place) throw missing(this.copy, `${kind} ${id}`);
    const blob = { ...place, id: Buffer.from(id, "hex") };
    for (let reading = 0; reading < 2; reading++) {
      const sealed = await this.#part(kind, place, reading > 0);
      const plain = sealed && openBlob(this.key, sealed, blob);
      if (plain) return plain;
    }
    throw damaged(this.copy, `data/${place.packName}`);
  }

  async #part(
    kind: BlobKind,
    place: { packName: Id; offset: number; length: number },
    again: boolean,
  ): Promise<Buffer | undefined> {
    const object = { kind: "data", name: place.packName } as const;
    if (kind === "data")
      return await this.store.get(object, { offset: place.offset, length: place.length });
    let pack = again ? undefined : this.#treePacks.get(place.packName);
    if (!pack) {
      pack = await this.store.get(object);
      if (!pack) throw missing(this.copy, `data/${place.packName}`);
      this.#treePacks.set(place.packName, pack);
      if (this.#treePacks.size > KEPT_PACKS)
        this.#treePacks.delete(this.#treePacks.keys().next().value!);
    }
    return pack.subarray(place.offset, place.offset + place.length);
  }
}

/** The packs that one index file of a copy names. Throws Fault("object-damaged") where it is not whole. */
export async function readIndexFile(
  store: Store,
  copy: string,
  key: MasterKey,
  name: Id,
): Promise<PackContents[]> {
  const file = await getWhole(store, "index", name);
  if (!file) throw damaged(copy, `index/${name}`);
  return openIndexFile(key, name, file);
}

/** All snapshots of a copy, oldest first; needs no index. */
export async function readSnapshots(
  store: Store,
  copy: string,
  key: MasterKey,
): Promise<StoredSnapshot[]> {
  const all: StoredSnapshot[] = [];
  for await (const { name } of store.list("snapshots")) {
    const file = await getWhole(store, "snapshots", name);
    const json = file && openFile(key, file);
    const snapshot = json && decodeSnapshot(json);
    if (!snapshot) throw damaged(copy, `snapshots/${name}`);
    all.push({ ...snapshot, id: name });
  }
  return all.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : 1));
}

/** An object whose bytes hash to its name; read twice before it is given up. */
async function getWhole(
  store: Store,
  kind: "index" | "snapshots",
  name: Id,
): Promise<Buffer | undefined> {
  for (let reading = 0; reading < 2; reading++) {
    const bytes = await store.get({ kind, name });
    if (bytes && idOf(bytes) === name) return bytes;
  }
  return undefined;
}

export function damaged(copy: string, object: string): Fault {
  return new Fault("object-damaged", {
    exit: 4,
    what: {
      ja: `写し「${copy}」の ${object} が壊れています`,
      en: `${object} in copy "${copy}" is damaged`,
    },
    next: ELSEWHERE,
  });
}

export function missing(copy: string, object: string): Fault {
  return new Fault("object-missing", {
    exit: 4,
    what: {
      ja: `写し「${copy}」に ${object} がありません`,
      en: `${object} is missing in copy "${copy}"`,
    },
    next: ELSEWHERE,
  });
}

const ELSEWHERE = {
  ja: "--copy で別の写しを選んでください。この写しの状態は mikura verify --all で分かります",
  en: "Choose another copy with --copy. mikura verify --all tells the state of this one",
};
