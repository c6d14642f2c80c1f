import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONFIG, type Store } from "../../agent/copies/store.ts";
import {
  BROKEN,
  DENIED,
  elsewhere,
  FULL,
  NO_PLACE,
  openStore,
  page,
  STALLED,
  UNSTEADY,
  UNTRUE,
} from "./lying-rest-faults.ts";
import {
  flipped,
  type Lie,
  type LyingRest,
  type LyingRestOptions,
  startLyingRest,
} from "./lying-rest.ts";
import { listed, objectOf } from "./store-suite.ts";

let liar: LyingRest;
let store: Store;

async function start(options?: LyingRestOptions): Promise<void> {
  liar = await startLyingRest(options);
  store = open();
}

function open(): Store {
  return openStore(liar);
}

async function end(): Promise<void> {
  await store.close();
  await liar[Symbol.asyncDispose]();
}

const bytes = randomBytes(150_000);
const object = objectOf(bytes);
const path = `data/${object.name}`;

describe.each([
  { server: "checks hashes", checks: true },
  { server: "checks nothing", checks: false },
])("putting to a lying server that $server", ({ checks }) => {
  beforeEach(() => start({ checks }));
  afterEach(end);

  it("believes the truth", async () => {
    await store.put(object, bytes);
    expect(liar.files.get(path)?.equals(bytes)).toBe(true);
    const readBack = liar.seen.includes(`GET ${path}`);
    expect(readBack, "reads back only where hashes are not checked").toBe(!checks);
    expect([...liar.files.keys()], "the probe is gone").toEqual([path]);
  });

  it("reads config back, whatever the server checks", async () => {
    liar.tell({ on: /^POST config/, lie: { upload: "garbage" } });
    await expect(store.put(CONFIG, bytes)).rejects.toMatchObject(UNTRUE);
    expect(liar.files.has("config"), "the bad one is removed").toBe(false);
  });

  const lies: readonly [string, Lie, object][] = [
    ["keeps the first half and says 200", { upload: 75_000 }, UNTRUE],
    ["keeps an empty file and says 200", { upload: 0 }, UNTRUE],
    ["keeps nothing and says 200", { upload: "nothing" }, UNTRUE],
    ["shows a page", page, BROKEN],
    ["sends us elsewhere", elsewhere, BROKEN],
    ["is busy", { status: 503 }, UNSTEADY],
    ["has too many requests", { status: 429 }, UNSTEADY],
    ["breaks", { status: 500 }, UNSTEADY],
    ["has no space", { status: 507 }, FULL],
    ["takes no such size", { status: 413 }, FULL],
    ["says quota in words", { status: 500, body: "storage quota exceeded" }, FULL],
    ["wants other credentials", { status: 401 }, DENIED],
    ["forbids it", { status: 403 }, DENIED],
    ["knows no such place", { status: 404 }, NO_PLACE],
    ["says something odd", { status: 418 }, BROKEN],
    ["received something else", { status: 400 }, UNSTEADY],
    ["closes at once", { cutRequestAt: 0 }, UNSTEADY],
    ["closes in the middle", { cutRequestAt: 100_000 }, UNSTEADY],
    ["resets in the middle", { cutRequestAt: 100_000, reset: true }, UNSTEADY],
    ["closes before it answers", { cutRequestAt: 150_000 }, UNSTEADY],
    ["stores it and cannot say so", { afterwards: 502 }, UNSTEADY],
    ["answers with noise", { raw: "SSH-2.0-OpenSSH_9.2\r\n" }, BROKEN],
  ];
  it.each(lies)("notices that it %s, and succeeds later", async (_, lie, fault) => {
    // The hash check is tried first, and is answered truly.
    liar.tell({ on: new RegExp(`^POST ${path}`), times: 1, lie });
    await expect(store.put(object, bytes)).rejects.toMatchObject(fault);
    await store.put(object, bytes);
    expect(liar.files.get(path)?.equals(bytes)).toBe(true);
  });

  it("cuts what is stuck while it sends", async () => {
    // More than the buffers between here and there can hold.
    const large = randomBytes(32 * 1024 * 1024);
    liar.tell({ on: /^POST data/, times: 1, lie: { stall: "reading" } });
    await expect(store.put(objectOf(large), large)).rejects.toMatchObject(STALLED);
  });

  it("trusts no length after a put whose answer got lost", async () => {
    liar.tell({ on: /^POST data/, times: 1, lie: { upload: "garbage", afterwards: 502 } });
    await expect(store.put(object, bytes)).rejects.toMatchObject(UNSTEADY);
    expect(liar.files.get(path)?.length).toBe(bytes.length);
    await expect(store.put(object, bytes)).rejects.toMatchObject(UNTRUE);
    expect(liar.files.has(path)).toBe(false);
    await store.put(object, bytes);
    expect(liar.files.get(path)?.equals(bytes)).toBe(true);
  });
});

describe("putting to a lying server that checks nothing", () => {
  beforeEach(() => start());
  afterEach(end);

  it("finds one wrong bit, removes the object and succeeds later", async () => {
    liar.tell({ on: /^POST data/, times: 1, lie: { upload: "garbage" } });
    await expect(store.put(object, bytes)).rejects.toMatchObject(UNTRUE);
    expect(liar.files.has(path)).toBe(false);
    await store.put(object, bytes);
    expect(liar.files.get(path)?.equals(bytes)).toBe(true);
  });

  it("looks twice when what it reads back is wrong", async () => {
    liar.tell({ on: /^GET data/, times: 1, lie: { body: flipped } });
    await store.put(object, bytes);
    expect(liar.seen.filter((line) => line === `GET ${path}`)).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 405, 429, 500, 503])(
    "does not take a %d to the probe for more than it says",
    async (status) => {
      liar.tell({ on: /^POST locks/, lie: { status } });
      liar.tell({ on: /^POST data/, times: 1, lie: { upload: "garbage" } });
      const put = store.put(object, bytes);
      // 400 is what a server says that checks: this one makes us believe so, and is believed.
      if (status === 400) await put;
      else await expect(put).rejects.toMatchObject(UNTRUE);
    },
  );

  it("is not tried out when it is known", async () => {
    const told = openStore(liar, { serverChecks: false });
    liar.tell({ on: /^POST data/, times: 1, lie: { upload: "garbage" } });
    await expect(told.put(object, bytes)).rejects.toMatchObject(UNTRUE);
    expect(liar.seen.filter((line) => line.includes("locks"))).toEqual([]);
    await told.close();
  });

  it("removes the probe that it took in before it broke", async () => {
    liar.tell({ on: /^POST locks/, lie: { afterwards: 500 } });
    await store.put(object, bytes);
    expect([...liar.files.keys()]).toEqual([path]);
  });

  it("hides a probe that could not be removed, and sweeps it", async () => {
    liar.tell({ on: /^DELETE locks/, times: 1, lie: { status: 503 } });
    await store.put(object, bytes);
    expect(await listed(store, "locks")).toEqual(new Map());
    expect(liar.files.size).toBe(2);
    expect(await store.sweep()).toBe(1);
    expect([...liar.files.keys()]).toEqual([path]);
  });
});

describe("reading from a lying server", () => {
  beforeEach(async () => {
    await start();
    await store.put(object, bytes);
  });
  afterEach(end);

  const lies: readonly [string, Lie, object][] = [
    ["says 404", { status: 404 }, UNSTEADY],
    ["is busy", { status: 503 }, UNSTEADY],
    ["shows a page", page, BROKEN],
    ["sends us elsewhere", elsewhere, BROKEN],
    ["wants other credentials", { status: 401 }, DENIED],
    ["closes at the first byte", { cutAnswerAt: 0 }, UNSTEADY],
    ["closes in the middle", { cutAnswerAt: 1000 }, UNSTEADY],
    ["closes before the last byte", { cutAnswerAt: 149_999 }, UNSTEADY],
    ["resets in the middle", { cutAnswerAt: 1000, reset: true }, UNSTEADY],
    ["closes in the middle of chunks", { cutAnswerAt: 1000, chunked: true }, UNSTEADY],
    ["falls silent before it answers", { stall: "reading" }, STALLED],
    ["falls silent in the middle", { stall: 1000 }, STALLED],
    ["declares more than it sends", { raw: answerOf(400_000, bytes) }, UNSTEADY],
    ["declares nonsense", { raw: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n" }, BROKEN],
    ["says nothing but 204", { status: 204 }, BROKEN],
  ];
  it.each(lies)("gives no bytes when it %s, and the right ones later", async (_, lie, fault) => {
    const always = { on: new RegExp(`^GET ${path}`), lie };
    liar.tell({ ...always, times: 1 });
    await expect(store.get(object)).rejects.toMatchObject(fault);
    expect((await store.get(object))?.equals(bytes)).toBe(true);
    liar.tell({ ...always, times: 1 });
    const pieces: Uint8Array[] = [];
    const through = store.readThrough(object, (piece) => pieces.push(piece));
    await expect(through).rejects.toMatchObject(fault);
  });

  it.each(lies)("gives no part when it %s", async (_, lie, fault) => {
    liar.tell({ on: new RegExp(`^GET ${path}`), times: 1, lie });
    const part = { offset: 0, length: 150_000 };
    await expect(store.get(object, part)).rejects.toMatchObject(fault);
    expect((await store.get(object, part))?.equals(bytes)).toBe(true);
  });

  it("never says that an object is not there when the server only says so", async () => {
    liar.tell({ on: /^(GET|HEAD) data\/[0-9a-f]/, times: 3, lie: { status: 404 } });
    await expect(store.get(object)).rejects.toMatchObject(UNSTEADY);
    await expect(store.size(object)).rejects.toMatchObject(UNSTEADY);
    await expect(store.get(object, { offset: 0, length: 1 })).rejects.toMatchObject(UNSTEADY);
    expect(await store.size(object)).toBe(bytes.length);
  });

  it("nor when a store that has seen no list yet is told so", async () => {
    const other = open();
    liar.tell({ on: /^GET data\/[0-9a-f]/, lie: { status: 404 } });
    await expect(other.get(object)).rejects.toMatchObject(UNSTEADY);
    liar.tell({ on: /^GET data\/$/, lie: { status: 503 } });
    await expect(open().get(object)).rejects.toMatchObject(UNSTEADY);
    await other.close();
  });

  it("says undefined when 404 and the list agree", async () => {
    expect(await store.get(objectOf(Buffer.from("none")))).toBeUndefined();
    expect(await store.size(CONFIG)).toBeUndefined();
  });

  it("says undefined once another has removed what the list had", async () => {
    expect((await listed(store, "data")).size).toBe(1);
    liar.files.delete(path);
    expect(await store.get(object)).toBeUndefined();
  });

  it.each(["get", "size"] as const)("%s: a place that is gone is no empty one", async (what) => {
    liar.tell({ on: /./, lie: { status: 404 } });
    await expect(store[what](object)).rejects.toMatchObject(NO_PLACE);
    await expect(store[what](CONFIG)).rejects.toMatchObject(NO_PLACE);
    await expect(store.readNote("copy.json")).rejects.toMatchObject(NO_PLACE);
  });

  it("takes a whole answer to a part", async () => {
    const raw = answerOf(bytes.length, bytes);
    liar.tell({ on: /^GET data/, lie: { raw } });
    expect(await store.get(object, { offset: 7, length: 9 })).toEqual(bytes.subarray(7, 16));
  });

  it("refuses a part that is not the one it asked for", async () => {
    const raw = partOf("bytes 0-8/150000", bytes.subarray(0, 9));
    liar.tell({ on: /^GET data/, lie: { raw } });
    const read = store.get(object, { offset: 7, length: 9 });
    await expect(read).rejects.toMatchObject(BROKEN);
  });

  it("asks again on a new connection when a kept one was given up", async () => {
    liar.tell({ on: /^GET data/, times: 1, lie: { cutRequestAt: 0 } });
    expect((await store.get(object))?.equals(bytes)).toBe(true);
    const fresh = open();
    liar.tell({ on: /^GET data/, times: 1, lie: { cutRequestAt: 0 } });
    await expect(fresh.get(object)).rejects.toMatchObject(UNSTEADY);
    await fresh.close();
  });

  it("hands over garbage for the caller to hash, once, and then the right bytes", async () => {
    liar.tell({ on: /^GET data/, times: 1, lie: { body: flipped } });
    expect(await store.get(object)).toEqual(flipped(bytes));
    expect(await store.get(object)).toEqual(bytes);
  });
});

describe("listing a lying server", () => {
  beforeEach(async () => {
    await start();
    await store.put(object, bytes);
    await store.put(objectOf(Buffer.from("two")), Buffer.from("two"));
  });
  afterEach(end);

  const asText = (text: string): Lie => ({ status: 200, body: text });
  const lies: readonly [string, Lie, object][] = [
    ["nothing at all", asText(""), UNSTEADY],
    ["half of the text", { body: (body) => body.subarray(0, body.length / 2) }, UNSTEADY],
    ["all but the last bracket", { body: (body) => body.subarray(0, -1) }, UNSTEADY],
    ["null", asText("null"), BROKEN],
    ["an error as an object", asText(`{"error":"no"}`), BROKEN],
    ["sizes that are words", asText(`[{"name":"a","size":"1"}]`), BROKEN],
    ["sizes below zero", asText(`[{"name":"a","size":-1}]`), BROKEN],
    ["a list in a list", asText("[[]]"), BROKEN],
    ["two sizes for one", asText(`[{"name":"a","size":1},{"name":"a","size":2}]`), BROKEN],
    ["a page", page, BROKEN],
    ["404", { status: 404 }, NO_PLACE],
    ["403", { status: 403 }, DENIED],
    ["500", { status: 500 }, UNSTEADY],
    ["503", { status: 503 }, UNSTEADY],
    ["204", { status: 204 }, BROKEN],
    ["206", { status: 206, body: "[]" }, BROKEN],
    ["another address", elsewhere, BROKEN],
    ["a text that ends early", { cutAnswerAt: 40 }, UNSTEADY],
    ["chunks that end early", { cutAnswerAt: 40, chunked: true }, UNSTEADY],
    ["half a text, then a reset", { cutAnswerAt: 40, reset: true }, UNSTEADY],
    ["half a text, then silence", { stall: 40 }, STALLED],
  ];
  it.each(lies)("throws when it gets %s", async (_, lie, fault) => {
    liar.tell({ on: /^GET data\/$/, times: 1, lie });
    await expect(listed(store, "data")).rejects.toMatchObject(fault);
    expect((await listed(store, "data")).size).toBe(2);
  });

  it("takes 404 in a repository that is there for a passing trouble, not for empty", async () => {
    await store.put(CONFIG, Buffer.from("config"));
    liar.tell({ on: /^GET data\/$/, lie: { status: 404 } });
    await expect(listed(store, "data")).rejects.toMatchObject(UNSTEADY);
  });

  // No driver can see it: the ledger knows what should be there. But an object is not lost by it.
  it("returns a well-formed empty list as it is", async () => {
    liar.tell({ on: /^GET data\/$/, times: 1, lie: asText("[]") });
    expect((await listed(store, "data")).size).toBe(0);
    expect(await store.size(object)).toBe(bytes.length);
  });
});

describe("a server of version 1", () => {
  beforeEach(() => start({ version1: true }));
  afterEach(end);

  it("asks for each size", async () => {
    await store.put(object, bytes);
    await store.put(objectOf(Buffer.alloc(0)), Buffer.alloc(0));
    const all = new Map([
      [object.name, bytes.length],
      [objectOf(Buffer.alloc(0)).name, 0],
    ]);
    expect(await listed(store, "data")).toEqual(all);
    liar.tell({ on: /^HEAD data/, times: 1, lie: { status: 404 } });
    await expect(listed(store, "data")).rejects.toMatchObject(UNSTEADY);
    liar.tell({ on: /^HEAD data/, times: 1, lie: { status: 503 } });
    await expect(listed(store, "data")).rejects.toMatchObject(UNSTEADY);
  });
});

describe("removing", () => {
  beforeEach(() => start());
  afterEach(end);

  it.each([
    [{ status: 403 }, DENIED],
    [{ status: 405 }, DENIED],
    [{ status: 503 }, UNSTEADY],
    [page, BROKEN],
    [elsewhere, BROKEN],
  ] as const)("%o is no removal", async (lie, fault) => {
    liar.tell({ on: /^DELETE/, times: 1, lie });
    await expect(store.remove(object)).rejects.toMatchObject(fault);
  });
});

function answerOf(declared: number, body: Buffer): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${declared}\r\n\r\n${body.toString("latin1")}`;
}

function partOf(range: string, body: Buffer): string {
  const head = `HTTP/1.1 206 Partial Content\r\nContent-Length: ${body.length}`;
  return `${head}\r\nContent-Range: ${range}\r\n\r\n${body.toString("latin1")}`;
}
