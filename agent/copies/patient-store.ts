import { createHash } from "node:crypto";
import { isTransient, type Patience, Retry } from "./retry.ts";
import {
  CONFIG,
  type BytePart,
  type ListedKind,
  type ObjectRef,
  type Store,
  type StoredObject,
} from "./store.ts";

/** How much is read at once where reading an object through broke off. */
const RESUME_BYTES = 1024 ** 2;

/**
 * The same store for one run, its passing trouble borne: what throws a transient Fault is done
 * again, and everything else passes at once. Once nothing answers any more the store is out of
 * order, and every later operation throws the last Fault.
 *
 * A listing is collected before its first object is handed on, so that none comes twice. What
 * `sweep` returns counts the last try only.
 */
export function createPatientStore(inner: Store, patience: Patience): Store {
  const retry = new Retry(patience, () => inner.size(CONFIG));

  return {
    async *list(kind: ListedKind): AsyncGenerator<StoredObject> {
      yield* await retry.persist(() => collect(inner.list(kind)));
    },

    get: (object: ObjectRef, part?: BytePart) =>
      retry.persist(() => inner.get(object, part), { readsObject: true }),

    async readThrough(object, take) {
      let handed = 0;
      const takeNext = (piece: Uint8Array): void => {
        take(piece);
        handed += piece.length;
      };
      const whole = await retry.persist(
        async () => {
          try {
            return { size: await inner.readThrough(object, takeNext) };
          } catch (error) {
            if (handed > 0 && isTransient(error)) return "broken off";
            throw error;
          }
        },
        { readsObject: true },
      );
      if (whole !== "broken off") return whole.size;
      // Objects never change, so the parts belong together; were it otherwise, their hash would tell.
      // A line that always breaks moves on in this way, and memory stays small.
      const size = await retry.persist(() => inner.size(object));
      if (size === undefined) return undefined;
      for (let offset = handed; offset < size; offset += RESUME_BYTES) {
        const part = { offset, length: Math.min(RESUME_BYTES, size - offset) };
        const piece = await retry.persist(() => inner.get(object, part), { readsObject: true });
        if (piece === undefined) return undefined;
        take(piece);
      }
      return size;
    },

    size: (object) => retry.persist(() => inner.size(object)),

    put: (object, bytes, options = {}) =>
      retry.persist(async (attempt) => {
        const unsound = attempt > 1 && (await isUnsound(inner, object, bytes));
        await inner.put(object, bytes, unsound ? { replace: true } : options);
      }),

    sync: () => retry.persist(() => inner.sync()),
    remove: (object) => retry.persist(() => inner.remove(object)),
    readNote: (name) => retry.persist(() => inner.readNote(name)),
    writeNote: (name, bytes) => retry.persist(() => inner.writeNote(name, bytes)),
    sweep: () => retry.persist(() => inner.sweep()),
    close: () => inner.close(),
  };
}

async function collect(listing: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const all: StoredObject[] = [];
  for await (const object of listing) all.push(object);
  return all;
}

/**
 * True where other bytes of the same length lie under the name. A put that failed may have left
 * them, and the next one, which looks at the length only, would take them for the object.
 */
async function isUnsound(store: Store, object: ObjectRef, bytes: Uint8Array): Promise<boolean> {
  // So a config that is there is never replaced: it has no hash for a name, and may be another vault's.
  if (hashOf(bytes) !== object.name) return false;
  if ((await store.size(object)) !== bytes.length) return false;
  const there = await store.get(object);
  return there !== undefined && hashOf(there) !== object.name;
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
