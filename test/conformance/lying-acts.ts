import { expect } from "vitest";
import { Fault } from "../../agent/base/fault.ts";
import type { Patience } from "../../agent/copies/retry.ts";
import type { ObjectRef, Store } from "../../agent/copies/store.ts";
import { listed, objectOf } from "./store-suite.ts";

export const NOTE = "heartbeat.json";

/** What is done to a store, and what it must answer. */
export interface Act {
  readonly name: string;
  work(store: Store): Promise<unknown>;
  readonly right: unknown;
}

export interface ActContents {
  readonly object: ObjectRef;
  /** Of `object`. */
  readonly whole: Buffer;
  /** What is not there yet. */
  readonly fresh: Buffer;
  /** Of NOTE. */
  readonly note: Buffer;
  /** All that a listing of data names. */
  readonly all: ReadonlyMap<string, number>;
}

/** Everything one can ask of a store but to remove; may be done again and again. Reading comes first. */
export function actsOn({ object, whole, fresh, note, all }: ActContents): readonly Act[] {
  const inside = { offset: 10, length: 1000 };
  return [
    { name: "get", work: (store) => store.get(object), right: whole },
    {
      name: "get of a part",
      work: (store) => store.get(object, inside),
      right: whole.subarray(10, 1010),
    },
    { name: "readThrough", work: (store) => readWhole(store, object, whole), right: whole },
    { name: "size", work: (store) => store.size(object), right: whole.length },
    { name: "list", work: (store) => listed(store, "data"), right: all },
    { name: "readNote", work: (store) => store.readNote(NOTE), right: note },
    { name: "writeNote", work: (store) => store.writeNote(NOTE, note), right: undefined },
    { name: "put again", work: (store) => store.put(object, whole), right: undefined },
    {
      name: "replace",
      work: (store) => store.put(object, whole, { replace: true }),
      right: undefined,
    },
    { name: "put", work: (store) => store.put(objectOf(fresh), fresh), right: undefined },
  ];
}

/** What work answers, or the Fault that it throws; anything else thrown is a mistake of the store. */
export async function attempt(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** Without printing thousands of bytes where they differ. */
export function same(answer: unknown, right: unknown): boolean {
  if (Buffer.isBuffer(answer)) return Buffer.isBuffer(right) && answer.equals(right);
  if (!(answer instanceof Map)) return answer === right;
  expect(answer).toEqual(right);
  return true;
}

/** All that readThrough hands over, which must never be more than the object. */
export async function readWhole(
  store: Store,
  object: ObjectRef,
  whole: Uint8Array,
): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let handed = 0;
  const size = await store.readThrough(object, (piece) => {
    handed += piece.length;
    expect(handed).toBeLessThanOrEqual(whole.length);
    pieces.push(Buffer.from(piece));
  });
  return size === undefined ? undefined : Buffer.concat(pieces);
}

/** Patience whose waiting takes no time. */
export function simulatedPatience(limits: Patience["limits"] = {}): Patience {
  let at = 0;
  return {
    signal: new AbortController().signal,
    now: () => at,
    sleep: async (ms) => void (at += ms),
    random: () => 0.5,
    limits,
  };
}
