import type { Fault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import { CONFIG, type ObjectRef, type Store } from "../../copies/store.ts";
import { type HeldByKind, listKind } from "../common/held.ts";
import { readObject } from "./read-object.ts";
import type { Reading } from "./reading-messages.ts";
import type { ReadingThreads } from "./reading-threads.ts";

/** An object that a copy holds. */
export interface Held extends ObjectRef {
  /** Bytes. */
  readonly size: number;
}

export interface BadObject {
  /** "data/ID", as it lies in the copy. */
  readonly object: string;
  readonly kind: "damaged" | "missing";
  readonly cause: Words;
}

export interface CopyVerified {
  readonly name: string;
  readonly objectsRead: number;
  readonly bytesRead: number;
  /** Share of the copy's bytes that was read back and right within the full pass, 0 to 1. */
  readonly verifiedShare: number;
  readonly bad: readonly BadObject[];
  /** Why the copy could not be verified, or not to the end. */
  readonly fault?: Fault;
  readonly absent: boolean;
}

export const KINDS = ["keys", "index", "snapshots", "data"] as const;

/**
 * Everything that a copy holds, small objects first.
 *
 * @param before what the ledger has seen there; nothing, for a copy that it does not know
 */
export async function listHeld(
  store: Store,
  copy: string,
  before: HeldByKind = new Map(),
): Promise<Held[]> {
  const held: Held[] = [];
  const config = await store.size(CONFIG);
  if (config !== undefined) held.push({ ...CONFIG, size: config });
  for (const kind of KINDS) {
    for (const [name, size] of await listKind(store, copy, kind, before))
      held.push({ kind, name, size });
  }
  return held;
}

/** What is read back from, and by whom. */
export interface Source {
  readonly copy: string;
  readonly store: Store;
  /** The copy's folder on this machine, which threads read by themselves; undefined: no folder. */
  readonly folder: string | undefined;
}

/** Objects that are read at a time from a copy behind a network. */
const AT_ONCE = 4;

/**
 * Reads objects of a copy back; an object's name is the SHA-256 that it must have, but for `config`.
 *
 * @param configSha256 undefined: not known; then only reading is proved
 * @param onRead called for each object, in any order
 */
export async function readBack(
  threads: ReadingThreads,
  { copy, store, folder }: Source,
  objects: readonly Held[],
  configSha256: string | undefined,
  onRead: (object: Held, reading: Reading) => void,
): Promise<void> {
  const wanted = objects.map(({ kind, name }) => ({
    kind,
    name,
    sha256: kind === "config" ? configSha256 : name,
  }));
  if (folder !== undefined) {
    const place = { copy, root: folder };
    await threads.read(place, wanted, (at, reading) => onRead(objects[at]!, reading));
    return;
  }
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < wanted.length) {
      const at = next++;
      try {
        onRead(objects[at]!, await readObject(store, wanted[at]!));
      } catch (error) {
        next = wanted.length; // the others go no further
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
}

export function badOf({ kind, name }: ObjectRef, reading: Exclude<Reading, "good">): BadObject {
  const object = kind === "config" ? "config" : `${kind}/${name}`;
  if (reading === "missing") {
    return {
      object,
      kind: "missing",
      cause: { ja: "写しにありません", en: "it is not in the copy" },
    };
  }
  if (reading === "damaged") {
    const cause = {
      ja: "2回読んでも中身の指紋（SHA-256）が合いません",
      en: "its SHA-256 is wrong, read twice",
    };
    return { object, kind: "damaged", cause };
  }
  return { object, kind: "damaged", cause: reading.unreadable };
}
