import type { BytePart, ListedKind, ObjectRef } from "./store.ts";

const HASH = /^[0-9a-f]{64}$/;

/** Every kind that a listing covers. */
export const LISTED_KINDS: readonly ListedKind[] = ["keys", "data", "index", "snapshots", "locks"];

export function isObjectName(name: string): boolean {
  return HASH.test(name);
}

/**
 * Where an object lies below the root, in restic's layout, with "/" between the parts.
 * @throws RangeError for any other kind or name, so that no name can lead out of the copy.
 */
export function objectPath({ kind, name }: ObjectRef): string {
  if (kind === "config") {
    if (name !== "config") throw unfit("object name", name);
    return "config";
  }
  if (!LISTED_KINDS.includes(kind)) throw unfit("object kind", kind);
  if (!isObjectName(name)) throw unfit("object name", name);
  return kind === "data" ? `data/${name.slice(0, 2)}/${name}` : `${kind}/${name}`;
}

// Also keeps out what FAT and NTFS cannot store: USB disks come with either.
const NOTE_NAME = /^[^./\\:*?"<>|\p{C}][^/\\:*?"<>|\p{C}]{0,99}$/u;

/** @throws RangeError for a name that is no plain file name; "tmp" is the drivers' own folder. */
export function notePath(name: string): string {
  const taken = name.toLowerCase() === "tmp";
  if (taken || !NOTE_NAME.test(name) || /[. ]$/.test(name)) throw unfit("note name", name);
  return `mikura/${name}`;
}

/** @throws RangeError where offset or length is no natural number. */
export function checkPart(part: BytePart): void {
  const natural = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  if (!natural(part.offset) || !natural(part.length))
    throw new RangeError(`Cannot read a part at ${part.offset} of length ${part.length}`);
}

function unfit(what: string, value: string): RangeError {
  return new RangeError(`Cannot use as ${what}: ${JSON.stringify(value)}`);
}
