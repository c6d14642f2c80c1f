import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { below } from "../../agent/copies/rest/homes.ts";
import type { Http } from "../../agent/copies/rest/http.ts";
import type { Notes } from "../../agent/copies/rest/notes.ts";
import { createPlainNotes } from "../../agent/copies/rest/plain-notes.ts";
import { isUndeletable, type Undeletable } from "../../agent/copies/rest/undeletable.ts";
import type { Store } from "../../agent/copies/store.ts";
import {
  BROKEN,
  connect,
  NO_PLACE,
  openStore,
  page,
  UNSTEADY,
  UNTRUE,
} from "./lying-rest-faults.ts";
import { flipped, type LyingRest, type LyingRestOptions, startLyingRest } from "./lying-rest.ts";
import { objectOf } from "./store-suite.ts";

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

describe("notes on a lying server", () => {
  const first = Buffer.from("first");
  const second = Buffer.from("second");
  beforeEach(async () => {
    await start({ checks: true });
    await store.writeNote("copy.json", first);
  });
  afterEach(end);

  it("keeps one file in keys and one in locks, however often it is written", async () => {
    for (let n = 0; n < 5; n++) await store.writeNote("copy.json", Buffer.from(`version ${n}`));
    expect(await open().readNote("copy.json")).toEqual(Buffer.from("version 4"));
    const folders = [...liar.files.keys()].map((each) => each.split("/").slice(0, 2).join("/"));
    expect(folders.toSorted()).toEqual(["mikura/keys", "mikura/locks"]);
  });

  it("still knows the first version when somebody has cleared the locks", async () => {
    await store.writeNote("copy.json", second);
    for (const each of liar.files.keys()) if (each.includes("locks")) liar.files.delete(each);
    expect(await open().readNote("copy.json")).toEqual(first);
    await open().writeNote("copy.json", second);
    expect(await open().readNote("copy.json")).toEqual(second);
  });

  it.each([
    ["one folder is not found", /^GET mikura\/keys\/$/, { status: 404 }, UNSTEADY],
    ["the list is cut", /^GET mikura\/locks\/$/, { cutAnswerAt: 1 }, UNSTEADY],
    ["a file is not found", /^GET mikura\/keys\/./, { status: 404 }, UNSTEADY],
    ["a file is wrong", /^GET mikura\/keys\/./, { body: flipped }, UNTRUE],
    ["a page comes instead", /^GET mikura\/keys\/./, page, BROKEN],
  ] as const)("throws when %s", async (_, on, lie, fault) => {
    liar.tell({ on, lie });
    await expect(open().readNote("copy.json")).rejects.toMatchObject(fault);
  });

  it("reads again what came wrong once", async () => {
    liar.tell({ on: /^GET mikura\/keys\/./, times: 1, lie: { body: flipped } });
    expect(await open().readNote("copy.json")).toEqual(first);
  });

  it("keeps the old version when the new one is not taken", async () => {
    liar.tell({ on: /^POST mikura\/locks\/./, times: 1, lie: { upload: 3 } });
    await expect(store.writeNote("copy.json", second)).rejects.toMatchObject(UNTRUE);
    expect(await open().readNote("copy.json")).toEqual(first);
    await store.writeNote("copy.json", second);
    expect(await open().readNote("copy.json")).toEqual(second);
  });

  it("passes over what is not ours", async () => {
    for (const text of ["{", "null", "[]", `{"mikura":1,"note":"copy.json","version":1e300}`]) {
      const stranger = Buffer.from(text);
      liar.files.set(`mikura/keys/${objectOf(stranger).name}`, stranger);
    }
    liar.files.set("mikura/keys/.DS_Store", Buffer.from("x"));
    expect(await open().readNote("copy.json")).toEqual(first);
  });
});

describe("plain notes on a lying server", () => {
  let http: Http;
  let notes: Notes;
  beforeEach(async () => {
    await start({ overwrites: true });
    http = connect(liar);
    notes = createPlainNotes(http, "test");
    await notes.write("copy.json", Buffer.from("first"));
  });
  afterEach(async () => {
    await http.close();
    await end();
  });

  it.each([
    ["nothing", UNTRUE],
    ["garbage", UNTRUE],
    [2, UNTRUE],
  ] as const)("notices that a new one is kept as %s", async (upload, fault) => {
    liar.tell({ on: /^POST/, times: 1, lie: { upload } });
    await expect(notes.write("copy.json", Buffer.from("other"))).rejects.toMatchObject(fault);
    await notes.write("copy.json", Buffer.from("other"));
    expect(await notes.read("copy.json")).toEqual(Buffer.from("other"));
  });

  it.each([
    [{ status: 404 }, UNSTEADY],
    [{ status: 503 }, UNSTEADY],
    [page, BROKEN],
    [{ cutAnswerAt: 2 }, UNSTEADY],
  ] as const)("throws when it answers %o", async (lie, fault) => {
    liar.tell({ on: /^GET mikura\/./, times: 1, lie });
    await expect(notes.read("copy.json")).rejects.toMatchObject(fault);
    expect(await notes.read("copy.json")).toEqual(Buffer.from("first"));
  });

  it("says undefined where 404 and the list agree, and throws without a list", async () => {
    expect(await notes.read("none.json")).toBeUndefined();
    liar.tell({ on: /^GET mikura\/$/, lie: { status: 404 } });
    await expect(notes.read("none.json")).rejects.toMatchObject(NO_PLACE);
  });
});

describe("a trial to delete", () => {
  afterEach(end);

  async function trial(): Promise<Undeletable> {
    const http = connect(liar);
    try {
      return await isUndeletable([below(http, "mikura")], "test");
    } finally {
      await http.close();
    }
  }

  it("proves it where deleting and overwriting are refused", async () => {
    await start();
    liar.tell({ on: /^DELETE/, lie: { status: 403 } });
    expect((await trial()).result).toBe("proved");
  });

  it("is not taken in by a deletion that is said and not done", async () => {
    await start();
    liar.tell({ on: /^DELETE/, lie: { status: 200 } });
    expect(await trial()).toMatchObject({
      result: "no",
      why: { en: expect.stringContaining("word") },
    });
  });

  it("finds out that a probe can be overwritten, and puts it right again", async () => {
    await start({ overwrites: true });
    liar.tell({ on: /^DELETE/, lie: { status: 403 } });
    for (let again = 0; again < 2; again++)
      expect(await trial()).toMatchObject({
        result: "no",
        why: { en: expect.stringContaining("overwrite") },
      });
    expect(liar.files.size).toBe(1);
  });

  it.each([
    ["put", /^POST mikura\/snapshots/, { upload: "nothing" }, UNTRUE],
    ["delete", /^DELETE/, { status: 503 }, UNSTEADY],
    ["delete", /^DELETE/, page, BROKEN],
    ["look", /^GET mikura\/snapshots/, { status: 500 }, UNSTEADY],
  ] as const)("knows nothing when it could not %s", async (_, on, lie, fault) => {
    await start();
    liar.tell({ on, lie });
    await expect(trial()).rejects.toMatchObject(fault);
  });
});
