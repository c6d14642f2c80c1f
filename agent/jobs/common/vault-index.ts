import { Fault } from "../../base/fault.ts";
import { BlobIndex } from "../../vault/blob-index.ts";
import { openFile } from "../../vault/files.ts";
import type { Id } from "../../vault/ids.ts";
import { decodeIndex } from "../../vault/index-file.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import {
  type BlobKind,
  type PackContents,
  blobAt,
  blobCount,
  kindOf,
  typeAt,
} from "../../vault/packed.ts";

/** Which blobs the vault has and in which pack each lies: all index files together. */
export class VaultIndex {
  readonly data: BlobIndex;
  readonly tree: BlobIndex;
  /** Names of packs, by their number in the tables. */
  readonly packs: Id[] = [];
  readonly #numbers = new Map<Id, number>();

  constructor(capacity = 1024) {
    this.data = BlobIndex.create(capacity);
    this.tree = BlobIndex.create(1024);
  }

  has(pack: Id): boolean {
    return this.#numbers.has(pack);
  }

  /** Adds a pack's blobs. Sound only while no sealing thread uses the tables or they have room. */
  add(contents: PackContents): void {
    let pack = this.#numbers.get(contents.pack);
    if (pack === undefined) {
      pack = this.packs.push(contents.pack) - 1;
      this.#numbers.set(contents.pack, pack);
    }
    for (let i = 0; i < blobCount(contents); i++) {
      const { id, type, offset, length, rawLength } = blobAt(contents, i);
      const index = this[kindOf(type)];
      if (index.count >= index.capacity) index.grow(index.count + blobCount(contents));
      index.locate(id, { pack, offset, length, rawLength, type });
    }
  }

  /** Adds what an index file names. Under the same condition as `add`. */
  addAll(packs: readonly PackContents[]): void {
    const more = { data: 0, tree: 0 };
    for (const contents of packs)
      for (let i = 0; i < blobCount(contents); i++) more[kindOf(typeAt(contents, i))]++;
    // At once: each growing moves all that is there.
    for (const kind of ["data", "tree"] as const) this[kind].grow(this[kind].count + more[kind]);
    for (const contents of packs) this.add(contents);
  }

  /** Where a blob lies, or undefined where the index does not know it. */
  find(kind: BlobKind, id: Id): (ReturnType<BlobIndex["place"]> & { packName: Id }) | undefined {
    const index = this[kind];
    const entry = index.find(Buffer.from(id, "hex"));
    const place = entry < 0 ? undefined : index.place(entry);
    return place && { ...place, packName: this.packs[place.pack]! };
  }
}

/** The packs that a sealed index file names. Throws Fault("object-damaged") where it does not open. */
export function openIndexFile(key: MasterKey, name: Id, file: Uint8Array): PackContents[] {
  const json = openFile(key, file);
  const packs = json && decodeIndex(json);
  if (packs) return packs;
  throw new Fault("object-damaged", {
    exit: 4,
    what: {
      ja: `索引 index/${name} が壊れています`,
      en: `The index file index/${name} is damaged`,
    },
    next: {
      ja: "別の写しから復元できます。広がりは mikura verify --all で分かります",
      en: "Restore from another copy; mikura verify --all tells how far it goes",
    },
  });
}
