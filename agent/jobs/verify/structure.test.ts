import { hash, randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type MemoryStore, createMemoryStore } from "../../copies/memory-store.ts";
import type { ListedKind, Store } from "../../copies/store.ts";
import { sealFile } from "../../vault/files.ts";
import { type Id, idOf } from "../../vault/ids.ts";
import { encodeIndex } from "../../vault/index-file.ts";
import { generateMasterKey } from "../../vault/master-key.ts";
import { PackWriter } from "../../vault/pack-writer.ts";
import type { BlobKind, PackContents } from "../../vault/packed.ts";
import { encodeSnapshot } from "../../vault/snapshot-file.ts";
import { listHeld } from "./read-back.ts";
import { StructureCheck } from "./structure.ts";

const key = generateMasterKey(randomBytes);
const never = new AbortController().signal;

let vault: MemoryStore;
beforeEach(() => {
  vault = createMemoryStore();
});

async function put(kind: ListedKind, bytes: Buffer): Promise<Id> {
  const name = idOf(bytes);
  await vault.put({ kind, name }, bytes);
  return name;
}

/** A pack of these blobs; their ids in order. */
async function pack(kind: BlobKind, plains: readonly Buffer[]): Promise<[PackContents, Id[]]> {
  const writer = new PackWriter(key, Buffer.alloc(65_536));
  const ids = plains.map((plain) => hash("sha256", plain, "buffer"));
  plains.forEach((plain, i) => writer.add(kind, ids[i]!, plain));
  const sealed = writer.finish();
  await put("data", Buffer.from(sealed.bytes));
  return [sealed.contents, ids.map((id) => id.toString("hex"))];
}

const TIMES =
  '"mtime":"2026-11-21T12:00:00Z","atime":"2026-11-21T12:00:00Z","ctime":"2026-11-21T12:00:00Z"';
const node = (name: string, type: string, links: string): string =>
  `{"name":"${name}","type":"${type}",${TIMES},"uid":0,"gid":0,${links}}`;
const file = (name: string, ...ids: Id[]): string =>
  node(name, "file", `"content":${JSON.stringify(ids)}`);
const folder = (name: string, id: Id): string =>
  node(name, "dir", `"content":null,"subtree":"${id}"`);
const tree = (...nodes: string[]): Buffer => Buffer.from(`{"nodes":[${nodes.join()}]}\n`);
const idHex = (plain: Buffer): Id => hash("sha256", plain);

async function snapshot(root: Id): Promise<string> {
  const texts = { hostname: "h", username: "", program: "", paths: [], excludes: [], tags: [] };
  const json = encodeSnapshot({ time: BigInt(made++), tree: root, uid: 0, gid: 0, ...texts });
  return `snapshots/${await put("snapshots", sealFile(key, json))}`;
}
let made = 1;

const index = async (...packs: PackContents[]): Promise<Id> =>
  await put("index", sealFile(key, encodeIndex(packs)));

/** The same bytes, and what is read of them. */
function copyOf(original: MemoryStore): { store: MemoryStore; read: string[] } {
  const inner = createMemoryStore();
  for (const [path, bytes] of original.files) inner.files.set(path, bytes);
  const read: string[] = [];
  const get: Store["get"] = async (object, part) => {
    read.push(object.kind);
    return await inner.get(object, part);
  };
  return { store: { ...inner, get }, read };
}

async function badIn(check: StructureCheck, store: Store, proved = true): Promise<string[]> {
  const bad = await check.badIn({ name: "c", store, held: await listHeld(store, "c"), proved });
  return bad.map(({ object, kind, cause }) => `${object} ${kind}: ${cause.en}`);
}

const shared = tree(file("deep", idHex(Buffer.from("one"))));
/** Two snapshots that share a folder. */
async function wholeVault(): Promise<{ data: PackContents; trees: PackContents }> {
  const [data] = await pack("data", [Buffer.from("one"), Buffer.from("two")]);
  const roots = [
    tree(file("a", idHex(Buffer.from("two"))), folder("b", idHex(shared))),
    tree(folder("b", idHex(shared)), folder("c", idHex(shared))),
  ];
  const [trees, ids] = await pack("tree", [shared, ...roots]);
  await index(data, trees);
  await snapshot(ids[1]!);
  await snapshot(ids[2]!);
  return { data, trees };
}

describe("StructureCheck", () => {
  it("finds nothing in a whole copy, and reads what copies have in common once", async () => {
    await wholeVault();
    const check = new StructureCheck(key, never);
    const [first, second] = [copyOf(vault), copyOf(vault)];
    const both = [badIn(check, first.store), badIn(check, second.store)];
    expect(await Promise.all(both)).toEqual([[], []]);
    expect(first.read.toSorted()).toEqual(["data", "index", "snapshots", "snapshots"]);
    expect(second.read).toEqual(["snapshots", "snapshots"]);
  });

  it.each([
    [true, false],
    [false, true],
  ])("reads a copy itself where not both are proved (%s, %s)", async (one, other) => {
    await wholeVault();
    const check = new StructureCheck(key, never);
    const second = copyOf(vault);
    expect(await badIn(check, vault, one)).toEqual([]);
    expect(await badIn(check, second.store, other)).toEqual([]);
    expect(second.read.toSorted()).toEqual(["data", "index", "snapshots", "snapshots"]);
  });

  it("reads a copy itself that has another index", async () => {
    const { data } = await wholeVault();
    const check = new StructureCheck(key, never);
    const second = copyOf(vault);
    await index(data);
    expect(await badIn(check, vault)).toEqual([]);
    expect(await badIn(check, second.store)).toEqual([]);
    expect(second.read).toContain("index");
  });

  it("names each pack that is missing or cut, and every snapshot that needs its trees", async () => {
    const { data, trees } = await wholeVault();
    const check = new StructureCheck(key, never);
    const second = copyOf(vault);
    expect(await badIn(check, vault)).toEqual([]);
    await second.store.remove({ kind: "data", name: trees.pack });
    const path = `data/${data.pack.slice(0, 2)}/${data.pack}`;
    second.store.files.set(path, vault.files.get(path)!.subarray(1));
    const bad = await badIn(check, second.store);
    expect(bad.toSorted()).toEqual([
      expect.stringMatching(/^data\/.* (damaged: its size|missing: the index names)/),
      expect.stringMatching(/^data\/.* (damaged: its size|missing: the index names)/),
      expect.stringMatching(/^snapshots\/.* damaged: data\/.* is missing/),
      expect.stringMatching(/^snapshots\/.* damaged: data\/.* is missing/),
    ]);
  });

  it("names every snapshot that lacks a blob or a tree, however deep, and no other", async () => {
    const [data, [one]] = await pack("data", [Buffer.from("one")]);
    const lost = "e".repeat(64);
    const good = tree(file("a", one!));
    let [noBlob, noTree] = [tree(file("a", one!), file("b", one!, lost)), tree(folder("x", lost))];
    const all = [good, noBlob, noTree];
    for (let depth = 0; depth < 100; depth++) {
      noBlob = tree(folder("a", idHex(good)), folder("b", idHex(noBlob)));
      noTree = tree(folder("a", idHex(noTree)));
      all.push(noBlob, noTree);
    }
    const [trees] = await pack("tree", all);
    await index(data, trees);
    await snapshot(idHex(good));
    const bad = [
      `${await snapshot(idHex(noBlob))} damaged: it needs blob ${lost}, which is not there`,
      `${await snapshot(idHex(noBlob))} damaged: it needs blob ${lost}, which is not there`,
      `${await snapshot(idHex(noTree))} damaged: it needs tree ${lost}, which is not there`,
    ];
    expect(await badIn(new StructureCheck(key, never), vault)).toEqual(bad);
  });

  it("names a snapshot with a tree that restores wrongly", async () => {
    const hostile = tree(file("../evil"));
    const [trees] = await pack("tree", [hostile]);
    await index(trees);
    const path = await snapshot(idHex(hostile));
    const found = await badIn(new StructureCheck(key, never), vault);
    expect(found).toEqual([expect.stringContaining(`${path} damaged: A folder's record`)]);
  });

  it("throws for an index that does not open, and goes on with the next copy", async () => {
    const check = new StructureCheck(key, never);
    await put("index", Buffer.from("nothing sealed"));
    const failed = badIn(check, vault);
    const next = badIn(check, createMemoryStore());
    await expect(failed).rejects.toMatchObject({ code: "object-damaged" });
    expect(await next).toEqual([]);
  });
});
