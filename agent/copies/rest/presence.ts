import { isObjectName } from "../object-names.ts";
import { remoteFault } from "../remote-faults.ts";
import type { ListedKind, StoredObject } from "../store.ts";
import type { RemoteFiles } from "./files.ts";
import { type ListedFile, listFolder } from "./listing.ts";

/**
 * Which objects the server has told us of. A 404 alone is no proof that an object is not there:
 * gateways and rclone give it for their own troubles. The list of its kind is the second witness,
 * and shows at the same time that the repository itself is there.
 */
export class Presence {
  readonly #files: RemoteFiles;
  /** Names by kind, from the last whole list and from what was put and removed since. */
  readonly #known = new Map<ListedKind, Set<string>>();

  constructor(files: RemoteFiles) {
    this.#files = files;
  }

  /** The whole list of a kind, from the server. */
  async list(kind: ListedKind): Promise<readonly StoredObject[]> {
    const { http, at } = this.#files;
    const listed = await listFolder(http, at.copy, kind);
    const objects = await inTurns(listed.filter(isObject), (file) => this.#sized(kind, file));
    const found = objects.filter((object) => object !== undefined);
    this.#known.set(kind, new Set(found.map(({ name }) => name)));
    return found;
  }

  put(kind: ListedKind, name: string): void {
    this.#known.get(kind)?.add(name);
  }

  removed(kind: ListedKind, name: string): void {
    this.#known.get(kind)?.delete(name);
  }

  /**
   * Returns when an object, for which the server has just said 404, is certainly not there.
   * @throws Fault where the list says otherwise, or cannot be had.
   */
  async confirmAbsent(kind: ListedKind, name: string): Promise<void> {
    if (this.#known.get(kind)?.has(name) === false) return;
    await this.list(kind);
    if (this.#known.get(kind)?.has(name) === true)
      throw remoteFault(
        "unsteady",
        this.#files.at,
        `${kind}/${name}: 404, and yet the server lists it`,
      );
  }

  async #sized(kind: ListedKind, { name, size }: ListedFile): Promise<StoredObject | undefined> {
    if (size !== undefined) return { name, size };
    const path = `${kind}/${name}`;
    const asked = await this.#files.size(path);
    if (asked !== undefined) return { name, size: asked };
    // Locks come and go all the time. Of the rest, none may be left out of a list.
    if (kind === "locks") return undefined;
    throw remoteFault("unsteady", this.#files.at, `HEAD ${path}: 404, and yet the server lists it`);
  }
}

function isObject({ name }: ListedFile): boolean {
  return isObjectName(name);
}

/** As many at a time as there are connections, about. */
async function inTurns<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  for (let at = 0; at < items.length; at += 6)
    results.push(...(await Promise.all(items.slice(at, at + 6).map(work))));
  return results;
}
