import type { RawName } from "../../base/raw-name.ts";
import { idOf } from "../../vault/ids.ts";
import { encodeNode, encodeTree } from "../../vault/tree.ts";
import type { MemoryFolder, MemoryStamp } from "./memory-records.ts";
import { PERMISSIONS, type Stat, idsOf, nodeOf, typeOf } from "./nodes.ts";
import type { OwnerNames } from "./owner-names.ts";
import type { Found } from "./scan.ts";
import type { ScanMemoryWriter } from "./scan-memory.ts";

interface Frame {
  readonly name: RawName;
  readonly stat: Stat;
  readonly way: boolean;
  /** JSON of the nodes: of unchanged ones made only where another has changed the folder's tree. */
  readonly nodes: (string | (() => string))[];
  unchanged: boolean;
}

/** Builds the trees of a snapshot from the bottom up; calls come in the order of the scan. */
export class FolderStack {
  readonly #frames: Frame[] = [];
  readonly #owners: OwnerNames;
  readonly #memory: ScanMemoryWriter;
  readonly #storeTree: (tree: Buffer) => void;
  /** Entries of the root of the snapshot. */
  readonly root: { readonly name: RawName; readonly json: () => string }[] = [];
  /** False once anything inside the dataset's folders differs from the memory. */
  unchanged = true;

  /** `storeTree` gets the trees that differ from the snapshot before; they may be known all the same. */
  constructor(owners: OwnerNames, memory: ScanMemoryWriter, storeTree: (tree: Buffer) => void) {
    this.#owners = owners;
    this.#memory = memory;
    this.#storeTree = storeTree;
  }

  /** `deviceBefore`: device in the memory, undefined where the folder is new. */
  enter(found: Found, way: boolean, deviceBefore: bigint | undefined): void {
    const { name, stat } = found;
    this.#frames.push({ name, stat, way, nodes: [], unchanged: deviceBefore === stat.dev });
    this.#memory.enter(name, stat.dev);
  }

  leave(before: MemoryFolder | undefined): void {
    const { name, stat, nodes, unchanged, way } = this.#frames.pop()!;
    const known = unchanged && before?.count === nodes.length ? before : undefined;
    let tree: string;
    if (known) {
      tree = Buffer.from(known.tree).toString("hex");
    } else {
      const bytes = encodeTree(nodes.map((node) => (typeof node === "string" ? node : node())));
      tree = idOf(bytes);
      this.#storeTree(bytes);
    }
    this.#memory.leave({
      tree: Buffer.from(tree, "hex"),
      count: nodes.length,
      ...stampOf(stat),
    });
    const same = known !== undefined && isSame(known, stat);
    if (!same && !way) this.unchanged = false;
    const json = (): string =>
      encodeNode(nodeOf(name, stat, this.#owners, null, { subtree: tree }));
    if (this.#frames.length === 0) this.root.push({ name, json });
    else this.#add(same, json);
  }

  file(
    name: RawName,
    stat: Stat,
    content: { size: bigint; blobs: Uint8Array; sha256: Uint8Array },
    state: { unchanged: boolean; stable: boolean },
  ): void {
    this.#memory.file(name, {
      ...content,
      ...stampOf(stat),
      // A file caught while it changed must be read again next time, whatever its times say.
      ...(state.stable ? {} : { ctime: 0n }),
    });
    this.#add(state.unchanged, () =>
      encodeNode(
        nodeOf(name, stat, this.#owners, idsOf(content.blobs), {
          size: content.size,
          links: stat.nlink,
        }),
      ),
    );
  }

  special(found: Found, unchanged: boolean): void {
    const { name, stat, target } = found;
    this.#memory.special(name, { ...stampOf(stat), target });
    const type = typeOf(stat.mode);
    const device = type === "dev" || type === "chardev" ? stat.rdev : undefined;
    this.#add(unchanged, () =>
      encodeNode(
        nodeOf(name, stat, this.#owners, null, { links: stat.nlink, linkTarget: target, device }),
      ),
    );
  }

  /** Something of this folder is left out: the folder is not what it was. */
  missing(): void {
    const frame = this.#frames.at(-1);
    if (frame) frame.unchanged = false;
  }

  #add(unchanged: boolean, json: () => string): void {
    const frame = this.#frames.at(-1)!;
    // At once where it is certain to be needed: text is a tenth of what it is made from.
    frame.nodes.push(unchanged ? json : json());
    if (!unchanged) frame.unchanged = false;
  }
}

function stampOf(stat: Stat): MemoryStamp {
  return {
    mtime: stat.mtimeNs,
    ctime: stat.ctimeNs,
    inode: stat.ino,
    mode: Number(stat.mode) & PERMISSIONS,
  };
}

/** restic's test of "the same": what cannot change without one of these changing. */
export function isSame(before: MemoryStamp & { size?: bigint }, stat: Stat): boolean {
  return (
    before.mtime === stat.mtimeNs &&
    before.ctime === stat.ctimeNs &&
    before.inode === stat.ino &&
    (before.size === undefined || before.size === stat.size)
  );
}
