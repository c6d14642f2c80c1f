import type { RawName } from "../../base/raw-name.ts";
import { MANIFEST_FOLDER, type ManifestEntry } from "../../vault/manifest.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { PathFilter } from "./tree-walk.ts";
import type { WrongPath } from "./write-messages.ts";

/** Watches what comes out of the vault against what the source had, both ways. */
export class ManifestCheck {
  readonly #left: Map<RawName, ManifestEntry>;
  readonly extra: WrongPath[] = [];
  readonly #entries: ReadonlyMap<RawName, ManifestEntry>;
  /** Folders above the dataset's: in the snapshot for the full path, in no manifest. */
  readonly #way = new Set<string>();

  constructor(entries: ReadonlyMap<RawName, ManifestEntry>, filter: PathFilter) {
    this.#entries = entries;
    this.#left = new Map([...entries].filter(([path]) => filter(path) === "wanted"));
    for (const path of entries.keys()) {
      let above = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      while (above !== "" && !entries.has(above as RawName) && !this.#way.has(above)) {
        this.#way.add(above);
        above = above.slice(0, Math.max(0, above.lastIndexOf("/")));
      }
    }
  }

  /** Takes note of an entry of the vault; what the manifest says of it. */
  seen(path: RawName, type: ManifestEntry["type"]): ManifestEntry | undefined {
    const entry = this.#entries.get(path);
    if (entry?.type === type) this.#left.delete(path);
    else if (!isOurs(path) && !this.#way.has(path)) this.extra.push({ path, why: "differs" });
    return entry;
  }

  /** What the source had and the vault does not give. */
  get missing(): WrongPath[] {
    return [...this.#left.keys()].map((path) => ({ path, why: "missing" }));
  }
}

/** The manifest itself is in no manifest. */
export function isOurs(path: RawName): boolean {
  return path === MANIFEST_FOLDER || path.startsWith(`${MANIFEST_FOLDER}/`);
}

/** How a manifest calls a node. */
export function manifestType({ type }: Pick<TreeNode, "type">): ManifestEntry["type"] {
  return type === "file" || type === "dir" || type === "symlink" ? type : "other";
}
