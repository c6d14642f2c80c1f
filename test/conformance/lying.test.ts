import { setTimeout as after } from "node:timers/promises";
import {
  createFaultyStore,
  type FaultKind,
  type StoreOperation,
} from "../../agent/copies/faulty-store.ts";
import { createMemoryStore } from "../../agent/copies/memory-store.ts";
import { remoteFault } from "../../agent/copies/remote-faults.ts";
import type { Store, StoredObject } from "../../agent/copies/store.ts";
import { describeLies, type Liar, type Lie, type LyingSubject } from "./lying-suite.ts";

const READS: readonly StoreOperation[] = ["get", "readThrough", "readNote"];
const WRITES: readonly StoreOperation[] = ["put", "writeNote"];

/** Which operations a lie is about, undefined: all; and how the faulty store tells it. */
const TOLD: Readonly<Record<Lie, readonly [FaultKind, (readonly StoreOperation[])?]>> = {
  "short-upload": ["short", WRITES],
  "empty-listing": ["absent", ["list"]],
  "half-listing": ["short", ["list"]],
  "broken-listing": ["error", ["list"]],
  "not-found": ["absent", [...READS, "size"]],
  busy: ["error"],
  cut: ["cut", [...READS, ...WRITES]],
  stall: ["hang"],
  reset: ["lost"],
  garbage: ["garbage", READS],
};

/** A medium in memory that lies, under a driver that is as careful as one for a real service. */
async function lyingMemory({ stallMs }: { readonly stallMs: number }): Promise<LyingSubject> {
  const abort = new AbortController();
  let now: { lie: Lie; left: number; at: number | undefined } | undefined;
  const liar: Liar = {
    lie: (lie, { times = Infinity, at } = {}) => {
      now = { lie, left: times, at };
    },
    truth: () => {
      now = undefined;
    },
  };
  const medium = createFaultyStore(createMemoryStore(), {
    how: (operation) => {
      if (!now || now.left === 0) return undefined;
      const [how, about] = TOLD[now.lie];
      if (about && !about.includes(operation)) return undefined;
      now.left--;
      return how;
    },
    get bytes() {
      return now?.at ?? 1;
    },
    signal: abort.signal,
  });
  return {
    store: carefulStore(medium, { signal: abort.signal, stallMs }),
    liar,
    abort,
    dispose: async () => abort.abort(new Error("the test is over")),
  };
}

/** Cuts what stalls, names what breaks, and believes nothing that was put before it has read it. */
function carefulStore(
  medium: Store,
  { signal, stallMs }: { readonly signal: AbortSignal; readonly stallMs: number },
): Store {
  const place = { copy: "test", place: "memory" };

  async function ask<T>(work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    try {
      const stalled = after(stallMs, undefined, { signal: over.signal }).then(() => {
        throw remoteFault("stalled", place);
      });
      return await Promise.race([work(), stalled]);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error) || !("code" in error) || error.code !== "EIO") throw error;
      throw remoteFault("unsteady", place, undefined, error);
    } finally {
      over.abort();
    }
  }

  async function prove(sent: Uint8Array, read: () => Promise<Buffer | undefined>): Promise<void> {
    if ((await ask(read))?.equals(sent)) return;
    throw remoteFault("untrue", place);
  }

  return {
    async *list(kind) {
      yield* await ask(async () => {
        const objects: StoredObject[] = [];
        for await (const object of medium.list(kind)) objects.push(object);
        return objects;
      });
    },
    get: (object, part) => ask(() => medium.get(object, part)),
    readThrough: (object, take) => ask(() => medium.readThrough(object, take)),
    size: (object) => ask(() => medium.size(object)),
    async put(object, bytes, options = {}) {
      const there = await ask(() => medium.size(object));
      if (there === bytes.length && options.replace !== true) return;
      await ask(() => medium.put(object, bytes, { replace: true }));
      await prove(bytes, () => medium.get(object));
    },
    sync: () => ask(() => medium.sync()),
    remove: (object) => ask(() => medium.remove(object)),
    readNote: (name) => ask(() => medium.readNote(name)),
    async writeNote(name, bytes) {
      await ask(() => medium.writeNote(name, bytes));
      await prove(bytes, () => medium.readNote(name));
    },
    sweep: () => ask(() => medium.sweep()),
    close: () => medium.close(),
  };
}

describeLies("memory", lyingMemory);
