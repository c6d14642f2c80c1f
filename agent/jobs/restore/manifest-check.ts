import type { RawName } from "../../base/raw-name.ts";
import { fromGoMode } from "../../vault/go-mode.ts";
import { MANIFEST_FOLDER, type ManifestEntry } from "../../vault/manifest.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { PathFilter } from "./tree-walk.ts";
import type { WrongPath } from "./write-messages.ts";

/**
 * Watches what comes out of the vault against what the source had, both ways.
 *
 * Manifest and vault come in the same order, a folder after what is in it, so the manifest is read
 * beside the walk. Out of that order the result is the same and what was read ahead is kept.
 */
export class ManifestCheck {
  readonly #entries: Iterator<ManifestEntry>;
  readonly #filter: PathFilter;
  /** Read and not yet seen in the vault. */
  readonly #left = new Map<RawName, ManifestEntry>();
  /** Folders above what was read: those above the dataset's are in the snapshot and in no manifest. */
  readonly #way = new Set<string>();
  #lastFolder = "";
  /** Folders of the vault that were taken for the way. */
  readonly #passed = new Set<RawName>();
  /** What the next call may ask for. */
  #next: ManifestEntry | undefined;
  readonly #wrong: WrongPath[] = [];

  constructor(entries: Iterable<ManifestEntry>, filter: PathFilter) {
    this.#entries = entries[Symbol.iterator]();
    this.#filter = filter;
    this.#advance();
  }

  /**
   * Takes note of an entry of the vault, of a folder after what is in it; what the manifest says of
   * it.
   */
  seen(path: RawName, node: CheckedNode): ManifestEntry | undefined {
    if (isOurs(path)) return undefined;
    const type = manifestType(node);
    const entry = this.#take(path, type);
    if (entry?.type === type) {
      if (!agrees(node, entry)) this.#wrong.push({ path, why: "differs" });
      return entry;
    }
    if (entry) this.#left.set(path, entry);
    else if (type === "dir" && this.#way.has(path)) {
      this.#passed.add(path);
      return undefined;
    }
    this.#wrong.push({ path, why: "differs" });
    return entry;
  }

  /** All that is wrong, once everything was seen. */
  finish(): WrongPath[] {
    while (this.#next) this.#keep();
    const missing = [...this.#left].filter(([path]) => this.#filter(path) === "wanted");
    for (const [path] of missing) this.#wrong.push({ path, why: "missing" });
    return this.#wrong;
  }

  #take(path: RawName, type: ManifestEntry["type"]): ManifestEntry | undefined {
    for (;;) {
      if (this.#next?.path === path) {
        const entry = this.#next;
        this.#advance();
        return entry;
      }
      const entry = this.#left.get(path);
      if (entry) {
        this.#left.delete(path);
        return entry;
      }
      // A folder of which only the inside is in the manifest: not worth reading ahead for.
      if (!this.#next || (type === "dir" && this.#way.has(path))) return undefined;
      this.#keep();
    }
  }

  /** Reads over an entry that the vault has not shown yet. */
  #keep(): void {
    const entry = this.#next!;
    // The vault showed this folder before the manifest named it.
    if (this.#passed.has(entry.path)) {
      if (entry.type !== "dir") this.#wrong.push({ path: entry.path, why: "differs" });
    } else if (this.#filter(entry.path) !== "no") this.#left.set(entry.path, entry);
    this.#advance();
  }

  #advance(): void {
    const { done, value } = this.#entries.next();
    this.#next = done ? undefined : value;
    if (this.#next) this.#noteWay(this.#next.path);
  }

  #noteWay(path: RawName): void {
    const cut = Math.max(0, path.lastIndexOf("/"));
    if (cut === this.#lastFolder.length && path.startsWith(this.#lastFolder)) return;
    let above = path.slice(0, cut);
    this.#lastFolder = above;
    while (above !== "" && !this.#way.has(above)) {
      this.#way.add(above);
      above = above.slice(0, Math.max(0, above.lastIndexOf("/")));
    }
  }
}

/** The manifest itself is in no manifest. */
export function isOurs(path: RawName): boolean {
  return path === MANIFEST_FOLDER || path.startsWith(`${MANIFEST_FOLDER}/`);
}

/** What is restored of a node beside its content. */
export type CheckedNode = Pick<TreeNode, "type" | "mode" | "mtime" | "size" | "linkTarget">;

function agrees(node: CheckedNode, entry: ManifestEntry): boolean {
  if (node.mtime !== entry.mtime) return false;
  // A link's own mode means nothing on Linux.
  if (entry.type === "symlink") return node.linkTarget === entry.target;
  if (entry.type === "file" && (node.size ?? 0n) !== BigInt(entry.size ?? 0)) return false;
  return (fromGoMode(node.mode) & 0o7777) === entry.mode;
}

/** How a manifest calls a node. */
export function manifestType({ type }: Pick<TreeNode, "type">): ManifestEntry["type"] {
  return type === "file" || type === "dir" || type === "symlink" ? type : "other";
}
