import { type Fault, asFault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import type { Progress } from "../../base/progress.ts";
import { CONFIG, type ObjectRef, type Store } from "../../copies/store.ts";
import type { Hashers } from "./hashers.ts";

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

export type Reading = "good" | "damaged" | "missing" | { readonly unreadable: Words };

export function badOf({ kind, name }: Held, reading: Exclude<Reading, "good">): BadObject {
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

/**
 * Reads objects back and compares their SHA-256 with what it must be: the name, but for `config`. A
 * mismatch is read once more, because a bad transfer is not a bad object.
 *
 * @param onRead called for each object, in any order
 */
export async function readBack(given: {
  store: Store;
  objects: readonly Held[];
  hashers: Hashers;
  /** Undefined: not known; then only reading is proved. */
  configSha256: string | undefined;
  progress: Progress;
  signal: AbortSignal;
  onRead: (object: Held, reading: Reading) => void;
}): Promise<void> {
  const { store, objects, hashers, progress, signal, onRead } = given;
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < objects.length) {
      signal.throwIfAborted();
      const object = objects[next++]!;
      const expected = object.kind === "config" ? given.configSha256 : object.name;
      onRead(object, await readOne(store, object, hashers, expected));
      progress.advance(1, object.size);
    }
  };
  // Two readings more than threads: the disk works while the threads hash.
  await Promise.all(Array.from({ length: hashers.count + 2 }, turn));
}

async function readOne(
  store: Store,
  { kind, name }: ObjectRef,
  hashers: Hashers,
  expected: string | undefined,
): Promise<Reading> {
  try {
    for (let reading = 0; reading < 2; reading++) {
      const bytes = await store.get({ kind, name });
      if (!bytes) return "missing";
      const sha256 = await hashers.sha256(bytes);
      if (expected === undefined || sha256 === expected) return "good";
    }
    return "damaged";
  } catch (error) {
    const fault = asFault(error);
    // The copy itself is gone or closed: that is no word about this object.
    if (fault.code !== "copy-failed" && fault.code !== "too-large") throw fault;
    return { unreadable: fault.what };
  }
}
