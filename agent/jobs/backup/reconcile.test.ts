import { hash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFaultyStore } from "../../copies/faulty-store.ts";
import { type MemoryStore, createMemoryStore } from "../../copies/memory-store.ts";
import type { ListedKind, Store } from "../../copies/store.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { sealFile } from "../../vault/files.ts";
import { idOf } from "../../vault/ids.ts";
import { encodeIndex } from "../../vault/index-file.ts";
import { generateMasterKey } from "../../vault/master-key.ts";
import { PackWriter, type SealedPack } from "../../vault/pack-writer.ts";
import { encodeSnapshot } from "../../vault/snapshot-file.ts";
import type { ReadyCopy } from "../common/open-copies.ts";
import { CopyLane } from "./copy-lane.ts";
import { type Reconciled, fetchGood, reconcile } from "./reconcile.ts";

const key = generateMasterKey(randomBytes);

let state: string;
let ledger: Ledger;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "mikura-reconcile-"));
  ledger = Ledger.open(state);
});
afterEach(() => {
  ledger[Symbol.dispose]();
  rmSync(state, { recursive: true });
});

let made = 0;
/** A pack of one blob, whose id comes with it. */
function newPack(): SealedPack & { blob: string } {
  const plain = Buffer.from(`content ${made++}`);
  const writer = new PackWriter(key, Buffer.alloc(4096));
  writer.add("data", hash("sha256", plain, "buffer"), plain);
  return { ...writer.finish(), blob: hash("sha256", plain) };
}
const indexOf = (...packs: readonly SealedPack[]): Buffer =>
  sealFile(key, encodeIndex(packs.map(({ contents }) => contents)));

async function put(store: Store, kind: ListedKind, bytes: Buffer): Promise<string> {
  const name = idOf(bytes);
  await store.put({ kind, name }, bytes);
  return name;
}
function expectObject(kind: string, bytes: Buffer): string {
  const name = idOf(bytes);
  ledger.objects.add({ kind, name, size: bytes.length, sha256: name }, 1);
  return name;
}
const dataPath = (name: string): string => `data/${name.slice(0, 2)}/${name}`;

let lanes: CopyLane[];
async function reconciled(...stores: readonly Store[]): Promise<Reconciled> {
  lanes = stores.map((store, i) => {
    const ready = { state: "ready", copy: { name: `copy-${i}` }, store, vault: "", id: "" };
    return new CopyLane(ready as unknown as ReadyCopy, () => {});
  });
  await Promise.all(lanes.map((lane) => lane.look(new Map())));
  return await reconcile(lanes, ledger, key, 5);
}

const snapshotRecord = (id: string) => ({
  id,
  dataset: "ar",
  timeNs: 1n,
  receivedAt: 1,
  tree: "",
  manifestSha256: "",
  manifestNode: "",
  files: 0,
  bytes: 0,
  skipped: [],
  scanSha256: undefined,
});

describe("reconcile", () => {
  it("loads the index that the copies have together, and finds nothing lost", async () => {
    const [a, b] = [createMemoryStore(), createMemoryStore()];
    const packs = [newPack(), newPack()];
    for (const [i, store] of [a, b].entries()) {
      await put(store, "data", packs[i]!.bytes);
      expectObject("data", packs[i]!.bytes);
      await put(store, "index", indexOf(packs[i]!));
    }
    const { index, orphans, lost } = await reconciled(a, b);
    expect([orphans.length, lost.size]).toEqual([0, 0]);
    for (const { blob, contents } of packs)
      expect(index.find("data", blob)?.packName).toBe(contents.pack);
    expect(ledger.objects.holds("copy-0", "data", packs[0]!.contents.pack)).toBe(true);
    expect(ledger.objects.holds("copy-1", "data", packs[0]!.contents.pack)).toBe(false);
  });

  it("takes in packs that a killed run left in a copy without an index", async () => {
    const store = createMemoryStore();
    const pack = newPack();
    await put(store, "data", pack.bytes);
    const { index, orphans } = await reconciled(store, createMemoryStore());
    expect(orphans).toEqual([{ contents: pack.contents, size: pack.bytes.length }]);
    expect(index.find("data", pack.blob)?.packName).toBe(pack.contents.pack);
    expect(ledger.objects.expected()).toEqual([]);
  });

  it("takes in no pack that is cut, damaged, of another vault, or no pack at all", async () => {
    const store = createMemoryStore();
    const [cut, damaged] = [newPack(), newPack()];
    store.files.set(dataPath(cut.contents.pack), cut.bytes.subarray(0, -1));
    const spoiled = Buffer.from(damaged.bytes);
    spoiled[20]! ^= 1;
    store.files.set(dataPath(damaged.contents.pack), spoiled);
    const writer = new PackWriter(generateMasterKey(randomBytes), Buffer.alloc(4096));
    writer.add("data", hash("sha256", "x", "buffer"), Buffer.from("x"));
    await put(store, "data", writer.finish().bytes);
    await put(store, "data", Buffer.alloc(0));
    await put(store, "data", randomBytes(500));
    expect((await reconciled(store)).orphans).toEqual([]);
    expect(lanes[0]!.fault).toBeUndefined();
  });

  it("takes an index file in that the ledger does not know, with those of its packs that are there", async () => {
    const store = createMemoryStore();
    const [here, gone] = [newPack(), newPack()];
    await put(store, "data", here.bytes);
    const name = await put(store, "index", indexOf(here, gone));
    await reconciled(store);
    expect(ledger.objects.find("index", name)).toBeDefined();
    expect(ledger.objects.find("data", here.contents.pack)?.size).toBe(here.bytes.length);
    expect(ledger.objects.find("data", gone.contents.pack)).toBeUndefined();
  });

  it("does not stop where one copy has an index file that is not of this vault", async () => {
    const [good, odd] = [createMemoryStore(), createMemoryStore()];
    const pack = newPack();
    await put(good, "data", pack.bytes);
    await put(good, "index", indexOf(pack));
    await put(odd, "index", sealFile(generateMasterKey(randomBytes), '{"packs":[]}'));
    await put(odd, "index", sealFile(key, '{"packs":7}'));
    await put(odd, "index", randomBytes(100));
    const { index } = await reconciled(odd, good);
    expect(index.find("data", pack.blob)).toBeDefined();
    expect(ledger.objects.expected().filter(({ kind }) => kind === "index")).toHaveLength(1);
  });

  it("takes an index file from another copy where the first one's is damaged", async () => {
    const [bad, good] = [createMemoryStore(), createMemoryStore()];
    const pack = newPack();
    const file = indexOf(pack);
    for (const store of [bad, good]) {
      await put(store, "data", pack.bytes);
      await put(store, "index", file);
    }
    bad.files.set(`index/${expectObject("index", file)}`, randomBytes(file.length));
    const { index, orphans } = await reconciled(bad, good);
    expect(index.find("data", pack.blob)).toBeDefined();
    expect(orphans).toEqual([]);
  });

  it("takes packs in anew whose index is damaged in every copy", async () => {
    const store = createMemoryStore();
    const pack = newPack();
    const file = indexOf(pack);
    await put(store, "data", pack.bytes);
    store.files.set(`index/${expectObject("index", file)}`, randomBytes(file.length));
    const { index, orphans } = await reconciled(store);
    expect(orphans).toHaveLength(1);
    expect(index.find("data", pack.blob)).toBeDefined();
  });

  it("counts as lost what no copy has, and trusts no blob of a lost pack", async () => {
    const store = createMemoryStore();
    const [here, gone] = [newPack(), newPack()];
    await put(store, "data", here.bytes);
    await put(store, "index", indexOf(here, gone));
    const name = expectObject("data", gone.bytes);
    const { index, lost } = await reconciled(store, createMemoryStore());
    expect([...lost]).toEqual([`data/${name}`]);
    expect(index.find("data", gone.blob)).toBeUndefined();
    expect(index.find("data", here.blob)).toBeDefined();
  });

  it("records what went missing from a copy once, with an event, and that it came back", async () => {
    const store = createMemoryStore();
    const pack = newPack();
    const name = await put(store, "keys", pack.bytes);
    expectObject("keys", pack.bytes);
    await reconciled(store);
    const presence = () => ledger.objects.of("copy-0").get(`keys/${name}`);
    expect(presence()?.bad).toBeUndefined();
    store.files.clear();
    await reconciled(store);
    expect(presence()).toMatchObject({ bad: "missing", badSince: 5 });
    expect(ledger.events.lastAt("missing")).toBe(5);
    await reconciled(store);
    await put(store, "keys", pack.bytes);
    await reconciled(store);
    expect(presence()?.bad).toBeUndefined();
  });

  it("believes no listing that broke off: nothing is called missing", async () => {
    const store = createMemoryStore();
    const files = [newPack(), newPack(), newPack()].map(({ bytes }) => bytes);
    for (const bytes of files) await put(store, "keys", bytes);
    for (const bytes of files) expectObject("keys", bytes);
    await reconciled(store);
    await reconciled(createFaultyStore(store, { only: ["list"], how: "error" }));
    expect(lanes[0]!.fault).toBeDefined();
    const bad = [...ledger.objects.of("copy-0").values()].filter((one) => one.bad !== undefined);
    expect(bad).toEqual([]);
  });

  it("withdraws a snapshot that was announced and never landed, and keeps one that did", async () => {
    const store = createMemoryStore();
    const [never, landed, seen] = [randomBytes(9), randomBytes(9), randomBytes(9)];
    for (const file of [never, landed, seen])
      ledger.snapshots.add(snapshotRecord(expectObject("snapshots", file)));
    await put(store, "snapshots", landed); // the run was killed before the ledger heard of it
    ledger.objects.seen("away", "snapshots", idOf(seen), 1);
    await reconciled(store);
    expect(
      ledger.snapshots
        .all()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([idOf(landed), idOf(seen)].toSorted());
    expect(ledger.objects.find("snapshots", idOf(never))).toBeUndefined();
  });

  it("expects in every copy a snapshot that it finds in one, but nothing that is no snapshot", async () => {
    const store = createMemoryStore();
    const json = encodeSnapshot({
      time: 1n,
      tree: "a".repeat(64),
      paths: [],
      hostname: "",
      username: "",
      uid: 0,
      gid: 0,
      excludes: [],
      tags: [],
      program: "restic 0.19.0",
    });
    const name = await put(store, "snapshots", sealFile(key, json));
    await put(store, "snapshots", sealFile(key, "{}"));
    await put(store, "snapshots", randomBytes(50));
    await reconciled(createMemoryStore(), store);
    expect(ledger.objects.expected().map((one) => one.name)).toEqual([name]);
  });

  it("writes nothing to any copy", async () => {
    const store = createMemoryStore();
    await put(store, "data", newPack().bytes);
    await put(store, "index", indexOf(newPack()));
    const readOnly = createFaultyStore(store, {
      only: ["put", "remove", "writeNote"],
      how: "error",
    });
    await reconciled(readOnly);
    expect(readOnly.operations).toEqual([]);
    expect(lanes[0]!.fault).toBeUndefined();
  });
});

describe("fetchGood", () => {
  it("asks no copy that does not list the object, and none that has failed", async () => {
    const bytes = randomBytes(30);
    const stores: MemoryStore[] = [createMemoryStore(), createMemoryStore()];
    await reconciled(...stores);
    const name = await put(stores[0]!, "keys", bytes); // since the listing
    expect(await fetchGood(lanes, "keys", name)).toBeUndefined();
    await Promise.all(lanes.map((lane) => lane.look(new Map())));
    expect(await fetchGood(lanes, "keys", name)).toEqual(bytes);
    await lanes[0]!.attempt(() => Promise.reject(new Error("away")));
    expect(await fetchGood(lanes, "keys", name)).toBeUndefined();
  });
});
