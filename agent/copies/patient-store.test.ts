import { createHash, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FaultKind, createFaultyStore, type StoreOperation } from "./faulty-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createPatientStore } from "./patient-store.ts";
import { remoteFault } from "./remote-faults.ts";
import { PATIENCE, type Patience } from "./retry.ts";
import { CONFIG, type ObjectRef, type Store } from "./store.ts";

const error = remoteFault("unsteady", { copy: "cloud", place: "s3://test" }, "503");

function patience(): Patience {
  let at = 0;
  return {
    signal: new AbortController().signal,
    now: () => at,
    sleep: async (ms) => void (at += ms),
    random: () => 0.5,
  };
}

function objectOf(bytes: Uint8Array): ObjectRef {
  return { kind: "data", name: createHash("sha256").update(bytes).digest("hex") };
}

async function readWhole(store: Store, object: ObjectRef): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  const size = await store.readThrough(object, (piece) => pieces.push(Buffer.from(piece)));
  const all = Buffer.concat(pieces);
  if (size !== undefined) expect(all).toHaveLength(size);
  return size === undefined ? undefined : all;
}

async function namesOf(store: Store): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list("data")) names.push(name);
  return names;
}

/** Contents of different length, 0 to 4 bytes. */
const CONTENTS = [0, 1, 2, 3, 4].map((length) => Buffer.alloc(length, "x"));

/** Everything one can ask of a store; the answers are compared. */
const ACTS: readonly ((store: Store, bytes: Buffer) => Promise<unknown>)[] = [
  (store, bytes) => store.put(objectOf(bytes), bytes),
  (store, bytes) => store.put(objectOf(bytes), bytes, { replace: true }),
  (store, bytes) => store.put(CONFIG, bytes),
  (store, bytes) => store.get(objectOf(bytes)),
  (store, bytes) => store.get(objectOf(bytes), { offset: 0, length: bytes.length }),
  (store, bytes) => readWhole(store, objectOf(bytes)),
  (store, bytes) => store.size(objectOf(bytes)),
  (store) => namesOf(store),
  (store, bytes) => store.remove(objectOf(bytes)),
  (store, bytes) => store.writeNote(`note-${bytes.length}`, bytes),
  (store, bytes) => store.readNote(`note-${bytes.length}`),
  (store) => store.sync(),
  (store) => store.sweep(),
  (store, bytes) => store.size({ kind: "data", name: `../${bytes.length}` }),
];

const said = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((thrown: unknown) => String(thrown));

describe("createPatientStore", () => {
  it("answers like a store without faults, whatever passing faults there are", async () => {
    const step = fc.record({
      act: fc.nat({ max: ACTS.length - 1 }),
      bytes: fc.constantFrom(...CONTENTS),
    });
    const faults = fc.array(
      fc.constantFrom<FaultKind | undefined>("error", "lost", "cut", undefined),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), faults, async (steps, faults) => {
        const sound = createMemoryStore();
        const medium = createMemoryStore();
        const faulty = createFaultyStore(medium, { how: (_, count) => faults[count - 1], error });
        const patient = createPatientStore(faulty, {
          ...patience(),
          limits: { greetingMs: Infinity, operationMs: Infinity, runMs: Infinity, tries: Infinity },
        });
        for (const { act, bytes } of steps)
          expect(await said(ACTS[act]!(patient, bytes))).toEqual(
            await said(ACTS[act]!(sound, bytes)),
          );
        expect(medium.files).toEqual(sound.files);
        // A try makes at most four calls: a put that failed looks at what it left.
        expect(faulty.operations.length).toBeLessThanOrEqual(4 * (steps.length + faults.length));
      }),
      { numRuns: 300 },
    );
  });

  it("makes a bounded number of calls, and none once the store is out of order", async () => {
    const anyActs = fc.array(fc.nat({ max: ACTS.length - 2 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(anyActs, async (acts) => {
        const faulty = createFaultyStore(createMemoryStore(), { how: "error", error });
        const patient = createPatientStore(faulty, patience());
        for (const act of acts)
          await expect(ACTS[act]!(patient, Buffer.from("x"))).rejects.toBe(error);
        expect(faulty.operations.length).toBeLessThanOrEqual(PATIENCE.tries);
        await patient.close();
      }),
    );
  });

  it("hands over no byte twice, and goes on where reading broke off", async () => {
    const bytes = randomBytes(3_000_000);
    const object = objectOf(bytes);
    const inner = createMemoryStore();
    await inner.put(object, bytes);
    const asked: StoreOperation[] = [];
    const breaking = createFaultyStore(inner, {
      how: (operation) => {
        asked.push(operation);
        return asked.length === 1 ? "cut" : asked.length % 2 === 0 ? "error" : undefined;
      },
      bytes: 1_200_000,
      error,
    });
    const store = createPatientStore(breaking, patience());
    expect((await readWhole(store, object))?.equals(bytes)).toBe(true);
    expect(asked).toEqual(["readThrough", "size", "size", "get", "get", "get", "get"]);
  });

  it("says undefined for an object that goes while it is read", async () => {
    const bytes = randomBytes(100);
    const inner = createMemoryStore();
    await inner.put(objectOf(bytes), bytes);
    const cut = createFaultyStore(inner, { at: 1, how: "cut", error });
    const store = createPatientStore(cut, patience());
    const reading = store.readThrough(objectOf(bytes), () => inner.files.clear());
    expect(await reading).toBeUndefined();

    const sized: Store = { ...cut, size: async () => 100 };
    const again = createPatientStore(createFaultyStore(sized, { at: 1, how: "cut", error }), {
      ...patience(),
    });
    await inner.put(objectOf(bytes), bytes);
    expect(await again.readThrough(objectOf(bytes), () => inner.files.clear())).toBeUndefined();
  });

  it("hands on no object of a listing that fails in the end", async () => {
    const inner = createMemoryStore();
    for (const bytes of CONTENTS) await inner.put(objectOf(bytes), bytes);
    const faulty = createFaultyStore(inner, { how: "error", error });
    const seen: string[] = [];
    const listing = async (): Promise<void> => {
      for await (const { name } of createPatientStore(faulty, patience()).list("data"))
        seen.push(name);
    };
    await expect(listing()).rejects.toBe(error);
    expect(seen).toEqual([]);
  });

  /** The first put leaves `left` under the name, and says that it failed. */
  async function putAfter(left: Uint8Array, object: ObjectRef, bytes: Uint8Array): Promise<Buffer> {
    const inner = createMemoryStore();
    let first = true;
    const spoiling: Store = {
      ...inner,
      async put(ref, given, options) {
        await inner.put(ref, first ? left : given, options);
        if (!first) return;
        first = false;
        throw remoteFault("untrue", { copy: "cloud", place: "s3://test" });
      },
    };
    await createPatientStore(spoiling, patience()).put(object, bytes);
    return (await inner.get(object))!;
  }

  it("does not believe what a failed put left under the name", async () => {
    const bytes = Buffer.from("the whole");
    expect(await putAfter(Buffer.from("the whale"), objectOf(bytes), bytes)).toEqual(bytes);
    expect(await putAfter(Buffer.from("the"), objectOf(bytes), bytes)).toEqual(bytes);
    expect(await putAfter(bytes, objectOf(bytes), bytes)).toEqual(bytes);
  });

  it("does not replace what a failed put stored well: some servers would refuse", async () => {
    const inner = createMemoryStore();
    const replaced: (boolean | undefined)[] = [];
    const counting: Store = {
      ...inner,
      put: (object, bytes, options = {}) => {
        replaced.push(options.replace);
        return inner.put(object, bytes, options);
      },
    };
    const lost = createFaultyStore(counting, { at: 1, how: "lost", error });
    const bytes = Buffer.from("the whole");
    await createPatientStore(lost, patience()).put(objectOf(bytes), bytes);
    expect(replaced).toEqual([undefined, undefined]);
  });

  it("never replaces a config, nor a sound object by other bytes", async () => {
    const bytes = Buffer.from("the whole");
    const other = Buffer.from("the whale");
    expect(await putAfter(other, CONFIG, bytes)).toEqual(other);
    expect(await putAfter(bytes, objectOf(bytes), other)).toEqual(bytes);
    const third = Buffer.from("the while");
    expect(await putAfter(other, objectOf(bytes), third)).toEqual(other);
  });
});
