import { describe, expect, it } from "vitest";
import { createFaultyStore, type FaultPlan } from "./faulty-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { ObjectRef, Store } from "./store.ts";

const object = (digit: string): ObjectRef => ({ kind: "data", name: digit.repeat(64) });
const bytes = Buffer.from("eight by");

async function faulty(plan: FaultPlan): Promise<{ store: Store; inner: Store }> {
  const inner = createMemoryStore();
  for (const digit of "1234") await inner.put(object(digit), bytes);
  return { inner, store: createFaultyStore(inner, plan) };
}

async function names(store: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of store.list("data")) found.push(name);
  return found;
}

describe("createFaultyStore", () => {
  it("fails the second operation once", async () => {
    const { store, inner } = await faulty({ at: 2, how: "error" });
    await store.put(object("a"), bytes);
    await expect(store.put(object("b"), bytes)).rejects.toMatchObject({ code: "EIO" });
    await store.put(object("c"), bytes);
    expect(await inner.size(object("b"))).toBeUndefined();
    expect(await inner.size(object("c"))).toBe(8);
  });

  it("fails for ever, and counts only what it is told to", async () => {
    const { store } = await faulty({ at: 2, how: "error", forEver: true, only: ["get"] });
    await store.get(object("1"));
    for (let n = 0; n < 3; n++) await expect(store.get(object("1"))).rejects.toThrow("EIO");
    await store.put(object("a"), bytes);
  });

  it("does it and loses the answer", async () => {
    const { store, inner } = await faulty({ how: "lost" });
    await expect(store.put(object("a"), bytes)).rejects.toThrow("EIO");
    expect(await inner.get(object("a"))).toEqual(bytes);
  });

  it("spoils one bit of what is read or written", async () => {
    const { store, inner } = await faulty({ how: "garbage", only: ["get", "put"] });
    const got = await store.get(object("1"));
    expect(got).toHaveLength(8);
    expect(got).not.toEqual(bytes);
    const handed: Buffer[] = [];
    await createFaultyStore(inner, { how: "garbage" }).readThrough(object("1"), (piece) =>
      handed.push(Buffer.from(piece)),
    );
    expect(Buffer.concat(handed)).toEqual(got);
    await store.put(object("a"), bytes);
    expect(await inner.get(object("a"))).not.toEqual(bytes);
    expect(bytes.toString()).toBe("eight by");
  });

  it("cuts reads, writes and listings short without a word", async () => {
    const { store, inner } = await faulty({ how: "short" });
    expect(await store.get(object("1"))).toEqual(bytes.subarray(0, 4));
    await store.put(object("a"), bytes);
    expect(await inner.size(object("a"))).toBe(4);
    await inner.remove(object("a"));
    expect(await names(store)).toHaveLength(2);
    await expect(store.sync()).rejects.toThrow("EIO");
  });

  it("throws after the first half of a listing", async () => {
    const { store } = await faulty({ how: "error" });
    const seen: string[] = [];
    const listing = async (): Promise<void> => {
      for await (const { name } of store.list("data")) seen.push(name);
    };
    await expect(listing()).rejects.toThrow("EIO");
    expect(seen).toHaveLength(2);
  });

  it("hands over, or leaves, some bytes and breaks off", async () => {
    const { store, inner } = await faulty({ how: "cut", bytes: 3 });
    const handed: Buffer[] = [];
    const reading = store.readThrough(object("1"), (piece) => handed.push(Buffer.from(piece)));
    await expect(reading).rejects.toThrow("EIO");
    expect(Buffer.concat(handed)).toEqual(bytes.subarray(0, 3));
    await expect(store.get(object("1"))).rejects.toThrow("EIO");
    await expect(store.put(object("a"), bytes)).rejects.toThrow("EIO");
    expect(await inner.get(object("a"))).toEqual(bytes.subarray(0, 3));
    await expect(names(store)).rejects.toThrow("EIO");
  });

  it("acts as if nothing were there", async () => {
    const { store } = await faulty({ how: "absent" });
    expect(await store.get(object("1"))).toBeUndefined();
    expect(await store.size(object("1"))).toBeUndefined();
    expect(await store.readThrough(object("1"), () => expect.fail("no bytes"))).toBeUndefined();
    expect(await names(store)).toEqual([]);
    await expect(store.put(object("a"), bytes)).rejects.toThrow("EIO");
  });

  it("fails as a function says", async () => {
    const { store } = await faulty({
      how: (operation, count) => (operation === "get" && count > 1 ? "absent" : undefined),
    });
    expect(await store.get(object("1"))).toEqual(bytes);
    expect(await store.size(object("1"))).toBe(8);
    expect(await store.get(object("1"))).toBeUndefined();
  });

  it("hangs until it is aborted", async () => {
    const abort = new AbortController();
    const { store } = await faulty({ how: "hang", signal: abort.signal });
    const states: string[] = [];
    const reading = store.get(object("1")).catch((error: Error) => states.push(error.message));
    await new Promise((resolve) => setTimeout(resolve, 20));
    states.push("still hanging");
    abort.abort(new Error("enough"));
    await reading;
    expect(states).toEqual(["still hanging", "enough"]);
    await expect(names(store)).rejects.toThrow("enough");
  });
});
