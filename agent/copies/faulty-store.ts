import type { BytePart, ListedKind, ObjectRef, Store, StoredObject } from "./store.ts";

export type StoreOperation = Exclude<keyof Store, "close">;

export interface FaultPlan {
  /** Which operation fails, counted from 1; without it, all that `only` allows. */
  readonly at?: number;
  /** After `at`, every later operation fails, too. */
  readonly forEver?: boolean;
  /** Counts and fails these operations only; default: all. */
  readonly only?: readonly StoreOperation[];
  /** A function decides by itself for each operation that `only` allows, and is told its number. */
  readonly how: FaultKind | ((operation: StoreOperation, count: number) => FaultKind | undefined);
  /** What is thrown; default: an Error with code EIO. */
  readonly error?: Error;
  /** After how many bytes "short" and "cut" end; default: the half. */
  readonly bytes?: number;
  /** Ends a "hang" when it aborts, by throwing its reason. */
  readonly signal?: AbortSignal;
}

/**
 * - `error`: throws, and nothing was done (a listing throws after its first half)
 * - `lost`: is done, then throws: the answer got lost
 * - `garbage`: bytes read or written differ in one bit
 * - `short`: bytes read or written, or a listing, end at the half, and nothing is said
 * - `cut`: the same, then throws: the connection broke on the way
 * - `absent`: reads as if nothing were there; a listing is empty
 * - `hang`: does nothing until `signal` aborts
 *
 * Where a kind has nothing to spoil or hide (`sync`, `sweep` …), it throws as `error` does.
 */
export type FaultKind = "error" | "lost" | "garbage" | "short" | "cut" | "absent" | "hang";

/** Kinds that change what goes by. */
type Spoiling = "garbage" | "short" | "cut";

export interface FaultyStore extends Store {
  /** Every operation begun so far that the plan counts, in order. */
  readonly operations: readonly StoreOperation[];
}

/** The same store, failing as planned: for loops that fail the first, second, … operation. */
export function createFaultyStore(inner: Store, plan: FaultPlan): FaultyStore {
  const operations: StoreOperation[] = [];
  const error = plan.error ?? Object.assign(new Error("EIO: planned fault"), { code: "EIO" });

  /** How this operation goes wrong, or undefined. */
  function begin(operation: StoreOperation): FaultKind | undefined {
    if (plan.only && !plan.only.includes(operation)) return undefined;
    const count = operations.push(operation);
    if (typeof plan.how === "function") return plan.how(operation, count);
    const at = plan.at ?? 1;
    const fails = count === at || (count > at && (plan.forEver ?? plan.at === undefined));
    return fails ? plan.how : undefined;
  }

  async function run<T>(
    how: FaultKind | undefined,
    work: () => Promise<T>,
    {
      spoil,
      absent,
    }: { spoil?: (kind: Spoiling) => Promise<T>; absent?: (() => T) | undefined } = {},
  ): Promise<T> {
    if (how === undefined) return work();
    if (how === "hang") return hang(plan.signal);
    if (how === "absent" && absent) return absent();
    if ((how === "garbage" || how === "short" || how === "cut") && spoil) {
      const answer = await spoil(how);
      if (how !== "cut") return answer;
    }
    if (how === "lost") await work();
    throw error;
  }

  const nothing = (): undefined => undefined;

  const reading = (operation: StoreOperation, work: () => Promise<Buffer | undefined>) =>
    run(begin(operation), work, {
      absent: nothing,
      spoil: async (kind) => {
        const bytes = await work();
        return bytes && spoiled(bytes, kind, plan.bytes);
      },
    });

  const writing = (
    operation: StoreOperation,
    bytes: Uint8Array,
    work: (bytes: Uint8Array) => Promise<void>,
  ) =>
    run(begin(operation), () => work(bytes), {
      spoil: (kind) => work(spoiled(bytes, kind, plan.bytes)),
    });

  return {
    operations,

    async *list(kind: ListedKind): AsyncGenerator<StoredObject> {
      const how = begin("list");
      if (how === "hang") await hang(plan.signal);
      if (how === "absent") return;
      const all: StoredObject[] = [];
      for await (const object of inner.list(kind)) all.push(object);
      yield* how === undefined ? all : all.slice(0, Math.floor(all.length / 2));
      if (how !== undefined && how !== "short") throw error;
    },

    get: (object: ObjectRef, part?: BytePart) => reading("get", () => inner.get(object, part)),
    readThrough: (object, take) =>
      run(begin("readThrough"), () => inner.readThrough(object, take), {
        absent: nothing,
        spoil: async (kind) => {
          const bytes = await inner.get(object);
          if (bytes) take(spoiled(bytes, kind, plan.bytes));
          return bytes?.length;
        },
      }),
    readNote: (name) => reading("readNote", () => inner.readNote(name)),
    put: (object, bytes, options) =>
      writing("put", bytes, (sent) => inner.put(object, sent, options)),
    writeNote: (name, bytes) => writing("writeNote", bytes, (sent) => inner.writeNote(name, sent)),
    size: (object) => run(begin("size"), () => inner.size(object), { absent: nothing }),
    sync: () => run(begin("sync"), () => inner.sync()),
    remove: (object) => run(begin("remove"), () => inner.remove(object)),
    sweep: () => run(begin("sweep"), () => inner.sweep()),
    close: () => inner.close(),
  };
}

/** A copy of the bytes with the middle one changed, or cut at `end`. */
function spoiled(bytes: Uint8Array, kind: Spoiling, end: number | undefined): Buffer {
  const middle = Math.floor(bytes.length / 2);
  if (kind !== "garbage") return Buffer.from(bytes.subarray(0, end ?? middle));
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy.writeUInt8(copy.readUInt8(middle) ^ 1, middle);
  return copy;
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason as Error);
    else signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
