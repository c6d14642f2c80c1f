import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { believedListing } from "./believe.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { ListedKind, ObjectRef, Store, StoredObject } from "./store.ts";

const kind = "data";
const nameOf = (n: number): string => n.toString(16).padStart(64, "0");
const refOf = (n: number): ObjectRef => ({ kind, name: nameOf(n) });

/** A listing, as the store gives it instead of the true one. */
type Lie = (objects: readonly StoredObject[]) => readonly StoredObject[];
const truth: Lie = (objects) => objects;
const empty: Lie = () => [];
const half: Lie = (objects) => objects.slice(0, objects.length / 2);
const without =
  (n: number): Lie =>
  (objects) =>
    objects.filter(({ name }) => name !== nameOf(n));
const sizedWrong: Lie = (objects) => objects.map((object) => ({ ...object, size: 0 }));

interface Told {
  readonly store: Store;
  readonly expected: Map<string, number>;
  /** Names that were asked for by `size`. */
  readonly asked: string[];
  /** How many had been asked for before each listing. */
  readonly listings: number[];
}

/** `count` objects of 5 bytes; each listing in turn is what the next lie makes of it, then the truth. */
async function told(
  count: number,
  lies: readonly Lie[],
  gone: readonly number[] = [],
): Promise<Told> {
  const inner = createMemoryStore();
  for (let n = 0; n < count; n++) await inner.put(refOf(n), Buffer.from("bytes"));
  const expected = new Map(Array.from({ length: count }, (_, n) => [nameOf(n), 5]));
  for (const n of gone) await inner.remove(refOf(n));
  const all: Told = {
    expected,
    asked: [],
    listings: [],
    store: {
      ...inner,
      async *list(kind: ListedKind) {
        const objects: StoredObject[] = [];
        for await (const object of inner.list(kind)) objects.push(object);
        all.listings.push(all.asked.length);
        yield* (lies[all.listings.length - 1] ?? truth)(objects);
      },
      size(object) {
        all.asked.push(object.name);
        return inner.size(object);
      },
    },
  };
  return all;
}

const believed = ({ store, expected }: Told): Promise<Map<string, number>> =>
  believedListing(store, { copy: "cloud", kind, expected });

async function numbers(listing: Promise<Map<string, number>>): Promise<number[]> {
  return [...(await listing).keys()].map((name) => Number.parseInt(name, 16)).sort((a, b) => a - b);
}

describe("believedListing", () => {
  it("asks nothing where all is as expected", async () => {
    const sound = await told(5, []);
    expect(await believed(sound)).toEqual(sound.expected);
    expect(sound).toMatchObject({ asked: [], listings: [0] });
  });

  it("passes on what nobody expected", async () => {
    const more = await told(5, []);
    more.expected.delete(nameOf(3));
    expect(await numbers(believed(more))).toEqual([0, 1, 2, 3, 4]);
    expect(more.asked).toEqual([]);
  });

  it.each([
    ["empty", empty],
    ["half", half],
    ["of wrong sizes", sizedWrong],
    ["without one", without(3)],
  ])("does not believe a listing that is %s", async (_, lie) => {
    const lied = await told(10, [lie, lie]);
    const fault = await believed(lied).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "copy-failed", transient: true });
    expect(String(fault)).toMatch(/cloud.*data\/0{63}\d/);
    expect(lied.listings).toHaveLength(2);
  });

  it.each([
    ["empty", empty],
    ["half", half],
    ["of wrong sizes", sizedWrong],
  ])("believes the second listing where the first was %s", async (_, lie) => {
    const once = await told(10, [lie]);
    expect(await believed(once)).toEqual(once.expected);
  });

  it("does not believe a listing that changes as one looks", async () => {
    await expect(believed(await told(10, [without(3), without(4)]))).rejects.toThrow("believed");
    // What is gone for good does not excuse it.
    await expect(believed(await told(10, [without(3), without(4)], [5]))).rejects.toThrow(
      "believed",
    );
  });

  it("does not say gone of what was there a moment ago", async () => {
    const going = await told(10, [truth, without(7)], [2]);
    const { store } = going;
    const size: Store["size"] = async (object) =>
      object.name === nameOf(7) ? undefined : store.size(object);
    await expect(believed({ ...going, store: { ...store, size } })).rejects.toThrow("believed");
  });

  it("says what is gone, once everything agrees", async () => {
    const gone = await told(10, [], [2, 7]);
    expect(await numbers(believed(gone))).toEqual([0, 1, 3, 4, 5, 6, 8, 9]);
    expect(gone.asked.toSorted()).toEqual([nameOf(2), nameOf(7)]);
    const hiccup = await told(10, [empty], [2, 7]);
    expect(await numbers(believed(hiccup))).toEqual([0, 1, 3, 4, 5, 6, 8, 9]);
  });

  it("says that everything is gone, after asking for each object", async () => {
    const every = Array.from({ length: 1000 }, (_, n) => n);
    const emptied = await told(1000, [], every);
    expect(await believed(emptied)).toEqual(new Map());
    expect(emptied.asked.toSorted()).toEqual([...emptied.expected.keys()]);
    expect(emptied.listings).toEqual([0, 100]);
  });

  it("asks for few where a listing hides very many", async () => {
    const hidden = await told(10_000, [empty, empty]);
    await expect(believed(hidden)).rejects.toMatchObject({ code: "copy-failed" });
    expect(hidden.asked.length).toBeLessThan(50);
  });

  it("finds one that is hidden among very many that are gone", async () => {
    const gone = Array.from({ length: 999 }, (_, n) => n);
    await expect(believed(await told(1000, [empty, empty], gone))).rejects.toThrow("believed");
  });

  it("sees that an object has another length, and says so as a fact", async () => {
    const cut = await told(3, []);
    cut.expected.set(nameOf(1), 99);
    expect((await believed(cut)).get(nameOf(1))).toBe(5);
  });

  it("passes on what the store throws, and asks no further", async () => {
    const every = Array.from({ length: 5000 }, (_, n) => n);
    const failing = await told(5000, [], every);
    let asked = 0;
    const store: Store = {
      ...failing.store,
      size: async () => {
        if (++asked === 500) throw new Error("reset");
        return undefined;
      },
    };
    const expectation = { copy: "cloud", kind, expected: failing.expected } as const;
    await expect(believedListing(store, expectation)).rejects.toThrow("reset");
    const atTheEnd = asked;
    await new Promise(setImmediate);
    expect(asked).toBe(atTheEnd);
    expect(asked).toBeLessThan(600);
  });

  it("never calls gone what is there, whatever two listings leave out", async () => {
    const numbersBelow = fc.uniqueArray(fc.nat({ max: 7 }), { maxLength: 8 });
    const leaving =
      (out: readonly number[]): Lie =>
      (objects) =>
        objects.filter(({ name }) => !out.includes(Number.parseInt(name, 16)));
    await fc.assert(
      fc.asyncProperty(numbersBelow, numbersBelow, numbersBelow, async (gone, one, two) => {
        const lied = await told(8, [leaving(one), leaving(two)], gone);
        const there = [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => !gone.includes(n));
        const found = await numbers(believed(lied)).catch(() => "not believed");
        if (found !== "not believed") expect(found).toEqual(there);
        else expect([...one, ...two].some((n) => there.includes(n))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
