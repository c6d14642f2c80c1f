import type { Fault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import { CONFIG, type ObjectRef, type Store } from "../../copies/store.ts";
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

/** Everything that a copy holds, small objects first. */
export async function listHeld(store: Store): Promise<Held[]> {
  const held: Held[] = [];
  const config = await store.size(CONFIG);
  if (config !== undefined) held.push({ ...CONFIG, size: config });
  for (const kind of KINDS) {
    for await (const { name, size } of store.list(kind)) held.push({ kind, name, size });
  }
  return held;
}

/**
 * Reads objects of a copy back; an object's name is the SHA-256 that it must have, but for `config`.
 *
 * @param configSha256 undefined: not known; then only reading is proved
 * @param onRead called for each object, in any order
 */
export async function readBack(
  threads: ReadingThreads,
  place: { readonly copy: string; readonly root: string },
  objects: readonly Held[],
  configSha256: string | undefined,
  onRead: (object: Held, reading: Reading) => void,
): Promise<void> {
  const wanted = objects.map(({ kind, name }) => ({
    kind,
    name,
    sha256: kind === "config" ? configSha256 : name,
  }));
  await threads.read(place, wanted, (at, reading) => onRead(objects[at]!, reading));
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
