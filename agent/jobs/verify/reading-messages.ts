import type { ExitCode, FaultCode } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import type { ObjectRef } from "../../copies/store.ts";

// What the main thread and the reading threads say to each other.

export type Reading = "good" | "damaged" | "missing" | { readonly unreadable: Words };

export interface ToRead extends ObjectRef {
  /** What the bytes must hash to. Undefined: not known; then only reading is proved. */
  readonly sha256: string | undefined;
}

/** Objects of one copy. Every thread gets the same list; they share it object by object. */
export interface ReadingList {
  readonly list: number;
  /** The copy's name and folder: a thread opens it by itself, so that no bytes pass between threads. */
  readonly copy: string;
  readonly root: string;
  readonly objects: readonly ToRead[];
  /** Shared between the threads: see TURN. */
  readonly turn: Int32Array<SharedArrayBuffer>;
}

/** Places in `ReadingList.turn`. */
export const TURN = {
  /** Number of the next object that nobody has taken. */
  next: 0,
  /** 1: nothing more of this list is to be read. */
  stopped: 1,
} as const;

export type FromReader =
  | {
      readonly list: number;
      readonly done: "object";
      readonly at: number;
      readonly reading: Reading;
    }
  /** This thread has nothing more to do for the list; with the fault that ended it. */
  | { readonly list: number; readonly done: "list"; readonly fault?: PlainFault };

/** A Fault as it passes between threads. */
export interface PlainFault {
  readonly code: FaultCode;
  readonly what: Words;
  readonly next: Words;
  readonly exit: ExitCode;
}
