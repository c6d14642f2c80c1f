import { randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { Fault } from "../base/fault.ts";
import { isObjectName } from "./object-names.ts";
import type { Store } from "./store.ts";

/** Who a copy is. It lies in `mikura/copy.json` and must match before anything is written. */
export interface Marker {
  /** Version of this form. */
  readonly mikura: 1;
  /** The repository's id: 64 hex digits, the same in every copy. */
  readonly vault: string;
  /** The copy's name in the policy. */
  readonly copy: string;
  /** This medium: 32 hex digits, new for every place that is prepared. */
  readonly id: string;
  /** When the place was prepared, ISO 8601 in UTC. */
  readonly made: string;
}

export const MARKER_NOTE = "copy.json";

export interface NewMarker {
  readonly vault: string;
  readonly copy: string;
  readonly clock: Clock;
  /** 32 hex digits, for tests. */
  readonly id?: string;
}

export function newMarker({ vault, copy, clock, id }: NewMarker): Marker {
  return {
    mikura: 1,
    vault,
    copy,
    id: id ?? randomBytes(16).toString("hex"),
    made: new Date(clock.now()).toISOString(),
  };
}

/** The marker that lies in a store, or undefined. @throws Fault copy-failed for a damaged one. */
export async function readMarker(store: Store, copy: string): Promise<Marker | undefined> {
  const bytes = await store.readNote(MARKER_NOTE);
  return bytes && parseMarker(bytes, copy);
}

export async function writeMarker(store: Store, marker: Marker): Promise<void> {
  await store.writeNote(MARKER_NOTE, Buffer.from(`${JSON.stringify(marker, undefined, 2)}\n`));
}

/**
 * `copy` names the copy in the message. Fields that are not known are passed over.
 * @throws Fault copy-failed for anything but a whole marker of version 1.
 */
export function parseMarker(bytes: Uint8Array, copy: string): Marker {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(copy, cause);
  }
  if (!isMarker(value)) throw damaged(copy);
  const { vault, copy: name, id, made } = value;
  return { mikura: 1, vault, copy: name, id, made };
}

/** "absent": nothing is there to judge, so the medium is taken to be away and nothing is written. */
export type MarkerVerdict = "ours" | "absent" | { readonly foreign: ForeignMarker };

export interface ForeignMarker {
  /** The first of these that differs from what was expected. */
  readonly differs: "vault" | "copy" | "id";
  readonly found: Marker;
}

export interface ExpectedMarker {
  readonly vault: string;
  readonly copy: string;
  /** Where it is known: tells a second disk that was prepared under the same name. */
  readonly id?: string;
}

export function judgeMarker(found: Marker | undefined, expected: ExpectedMarker): MarkerVerdict {
  if (found === undefined) return "absent";
  if (found.vault !== expected.vault) return { foreign: { differs: "vault", found } };
  if (found.copy !== expected.copy) return { foreign: { differs: "copy", found } };
  if (expected.id !== undefined && found.id !== expected.id)
    return { foreign: { differs: "id", found } };
  return "ours";
}

function isMarker(value: unknown): value is Marker {
  if (typeof value !== "object" || value === null) return false;
  const { mikura, vault, copy, id, made } = value as Readonly<Record<keyof Marker, unknown>>;
  return (
    mikura === 1 &&
    typeof vault === "string" &&
    isObjectName(vault) &&
    typeof copy === "string" &&
    copy.length > 0 &&
    copy.length <= 100 &&
    typeof id === "string" &&
    /^[0-9a-f]{32}$/.test(id) &&
    typeof made === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(made) &&
    !Number.isNaN(Date.parse(made))
  );
}

function damaged(copy: string, cause?: unknown): Fault {
  return new Fault("copy-failed", {
    what: {
      ja: `写し「${copy}」の目印 mikura/${MARKER_NOTE} が読めません。この場所には何も書きません`,
      en: `The marker mikura/${MARKER_NOTE} of copy "${copy}" cannot be read; nothing is written there`,
    },
    next: {
      ja: "正しいディスクか、新しい版の mikura で作ったものでないかを確かめてください。ファイルが壊れているなら、mikura init で作り直します",
      en: "Check that it is the right disk, and not made by a newer mikura. If the file is damaged, mikura init makes it anew",
    },
    cause,
  });
}
