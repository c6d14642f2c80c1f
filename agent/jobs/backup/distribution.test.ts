import { hash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noProgress } from "../../base/progress.ts";
import { type FaultPlan, createFaultyStore } from "../../copies/faulty-store.ts";
import { type MemoryStore, createMemoryStore } from "../../copies/memory-store.ts";
import type { ObjectRef, Store } from "../../copies/store.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { openFile } from "../../vault/files.ts";
import { idOf } from "../../vault/ids.ts";
import { decodeIndex } from "../../vault/index-file.ts";
import { generateMasterKey } from "../../vault/master-key.ts";
import { PackWriter } from "../../vault/pack-writer.ts";
import type { ReadyCopy } from "../common/open-copies.ts";
import { bringUp, owedBy } from "./bring-up.ts";
import { CopyLane } from "./copy-lane.ts";
import { Distribution } from "./distribution.ts";
import type { PackSlots } from "./pack-slots.ts";
import { reconcile } from "./reconcile.ts";
import type { NewPack } from "./sealers.ts";

const key = generateMasterKey(randomBytes);

let state: string;
let ledger: Ledger;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "mikura-distribution-"));
  ledger = Ledger.open(state);
});
afterEach(() => {
  ledger[Symbol.dispose]();
  rmSync(state, { recursive: true });
});

let made = 0;
function newPack(): NewPack & { released: number } {
  const plain = Buffer.from(`content ${made++}`);
  const writer = new PackWriter(key, Buffer.alloc(4096));
  writer.add("data", hash("sha256", plain, "buffer"), plain);
  const pack = { ...writer.finish(), released: 0, release: () => void pack.released++ };
  return pack;
}

/**
 * A copy that is watched as it is written: promise 1 must hold before every put, not only in the
 * end. `all` are the packs that a snapshot of this test may name.
 */
function watched(inner: MemoryStore, all: ReadonlySet<string>): { store: Store; broken: string[] } {
  const broken: string[] = [];
  const unsynced = new Set<string>();
  const durable = ({ kind, name }: ObjectRef): boolean =>
    inner.files.has(kind === "data" ? `data/${name.slice(0, 2)}/${name}` : `${kind}/${name}`) &&
    !unsynced.has(name);
  const named = (index: Uint8Array): string[] =>
    decodeIndex(openFile(key, index)!)!.map(({ pack }) => pack);
  const store: Store = {
    ...inner,
    async put(object, bytes, options) {
      const due =
        object.kind === "index" ? named(bytes) : object.kind === "snapshots" ? [...all] : [];
      const indexes = [...inner.files].filter(([path]) => path.startsWith("index/"));
      const findable = new Set(indexes.flatMap(([, file]) => named(file)));
      for (const name of due) {
        if (!durable({ kind: "data", name })) broken.push(`${object.kind} before data/${name}`);
        if (object.kind === "snapshots" && !findable.has(name))
          broken.push(`snapshots before an index of ${name}`);
      }
      const loose = indexes.filter(([path]) => unsynced.has(path.slice(6)));
      if (object.kind === "snapshots" && loose.length > 0) broken.push("snapshots before sync");
      unsynced.add(object.name);
      await inner.put(object, bytes, options);
    },
    async sync() {
      unsynced.clear();
      await inner.sync();
    },
  };
  return { store, broken };
}

const ready = (name: string, store: Store): ReadyCopy =>
  ({ state: "ready", copy: { name }, store, vault: "", id: "" }) as unknown as ReadyCopy;

type Run = { readonly lanes: readonly CopyLane[]; readonly distribution: Distribution };

function start(stores: readonly Store[], slots?: { free: number }): Run {
  const lanes = stores.map(
    (store, i) => new CopyLane(ready(`copy-${i}`, store), () => distribution.relieve()),
  );
  const distribution: Distribution = new Distribution(lanes, key, ledger, () => 1);
  if (slots) distribution.slots = slots as unknown as PackSlots;
  return { lanes, distribution };
}

/** As a backup ends: the ledger announces the snapshot, and every copy gets what it may. */
async function conclude({ lanes, distribution }: Run): Promise<void> {
  await distribution.finish();
  if (!distribution.complete) return;
  const file = randomBytes(100);
  const name = idOf(file);
  ledger.objects.add({ kind: "snapshots", name, size: file.length, sha256: name }, 1);
  const given = { fresh: new Map([[name, file]]), lost: new Set<string>(), progress: noProgress };
  await Promise.all(
    lanes.map((lane) =>
      bringUp(lane, owedBy(lane, ledger), lanes, ledger, { ...given, now: () => 1 }),
    ),
  );
}

/** The next run on the same copies, which now all work. */
async function nextRun(stores: readonly Store[], packs: readonly NewPack[]): Promise<Run> {
  const run = start(stores);
  await Promise.all(run.lanes.map((lane) => lane.look(new Map())));
  const { orphans } = await reconcile(run.lanes, ledger, key, 2);
  for (const { contents, size } of orphans) run.distribution.adopt(contents, size);
  for (const pack of packs) run.distribution.accept(pack);
  await conclude(run);
  return run;
}

const paths = (store: MemoryStore): string[] => [...store.files.keys()].toSorted();
const kinds = (store: MemoryStore): string[] => paths(store).map((path) => path.split("/")[0]!);

describe("Distribution", () => {
  it("brings packs to every copy, then their index, and enters both in the ledger", async () => {
    const stores = [createMemoryStore(), createMemoryStore(), createMemoryStore()];
    const run = start(stores);
    const packs = [newPack(), newPack()];
    for (const pack of packs) run.distribution.accept(pack);
    await run.distribution.finish();
    expect(kinds(stores[0]!)).toEqual(["data", "data", "index"]);
    expect(stores[1]!.files).toEqual(stores[0]!.files);
    expect(stores[2]!.files).toEqual(stores[0]!.files);
    expect(ledger.objects.expected()).toHaveLength(3);
    expect(ledger.objects.of("copy-2").size).toBe(3);
    expect(packs.map(({ released }) => released)).toEqual([1, 1]);
    expect(run.distribution.bytesAdded).toBe(packs[0]!.bytes.length + packs[1]!.bytes.length);
  });

  it("writes an index after 32 packs, before the run ends", async () => {
    const store = createMemoryStore();
    const { distribution } = start([store]);
    for (let i = 0; i < 32; i++) distribution.accept(newPack());
    while (!kinds(store).includes("index")) await new Promise(setImmediate);
    expect(kinds(store).filter((kind) => kind === "data")).toHaveLength(32);
    distribution.accept(newPack());
    await distribution.finish();
    expect(kinds(store).filter((kind) => kind === "index")).toHaveLength(2);
  });

  it("owes a slow copy what it has not got when memory runs out, and pays it from another copy", async () => {
    const [fast, slow] = [createMemoryStore(), createMemoryStore()];
    const open = Promise.withResolvers<void>();
    const putsOfSlow: string[] = [];
    const waiting: Store = {
      ...slow,
      async put(object, bytes) {
        putsOfSlow.push(object.kind);
        await open.promise;
        await slow.put(object, bytes);
      },
    };
    const slots = { free: 1 };
    const run = start([fast, waiting], slots);
    const packs = Array.from({ length: 5 }, newPack);
    for (const pack of packs) run.distribution.accept(pack);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(packs.map(({ released }) => released)).toEqual([0, 0, 0, 0, 0]);
    slots.free = 0;
    run.distribution.relieve();
    await new Promise((resolve) => setTimeout(resolve, 5));
    // Two are on their way to the slow copy; the memory of the three others is free again.
    expect(packs.map(({ released }) => released)).toEqual([0, 0, 1, 1, 1]);
    expect(run.lanes[1]!.fault).toBeUndefined();
    open.resolve();
    await conclude(run);
    expect(putsOfSlow).toEqual(["data", "data", "data", "data", "data", "index", "snapshots"]);
    expect(slow.files).toEqual(fast.files);
  });

  it("counts in the ledger only what is durable: not the packs of a copy whose sync failed", async () => {
    const [good, bad] = [createMemoryStore(), createMemoryStore()];
    const run = start([good, createFaultyStore(bad, { only: ["sync"], how: "error" })]);
    run.distribution.accept(newPack());
    await run.distribution.finish();
    expect([...ledger.objects.of("copy-0").keys()]).toHaveLength(2);
    expect([...ledger.objects.of("copy-1").keys()]).toEqual([]);
  });

  it("lets no snapshot come where a pack is in no copy", async () => {
    const stores = [createMemoryStore(), createMemoryStore()];
    const run = start(
      stores.map((store) => createFaultyStore(store, { at: 2, how: "error", only: ["put"] })),
    );
    run.distribution.accept(newPack());
    run.distribution.accept(newPack());
    await conclude(run);
    expect(run.distribution.complete).toBe(false);
    expect(stores.flatMap(kinds)).not.toContain("snapshots");
  });

  it("makes one copy whole where each has a part of what a killed run had stored", async () => {
    const inner = [createMemoryStore(), createMemoryStore()];
    const packs = [newPack(), newPack()];
    const all = new Set(packs.map(({ contents }) => contents.pack));
    const stores = inner.map((store) => watched(store, all));
    for (const [i, { contents, bytes }] of packs.entries())
      await inner[i]!.put({ kind: "data", name: contents.pack }, bytes);
    await nextRun(
      stores.map(({ store }) => store),
      [],
    );
    expect(stores.flatMap(({ broken }) => broken)).toEqual([]);
    expect(kinds(inner[0]!)).toEqual(["data", "data", "index", "snapshots"]);
    expect(inner[1]!.files).toEqual(inner[0]!.files);
  });

  it("never shows an index before its packs nor a snapshot before its index, whatever fails when", async () => {
    const plan = fc.record<FaultPlan>({
      at: fc.integer({ min: 1, max: 14 }),
      how: fc.constantFrom("error", "lost"),
      forEver: fc.boolean(),
      only: fc.constantFrom(
        ["put", "sync", "get"] as const,
        ["put"] as const,
        ["sync"] as const,
        ["get"] as const,
      ),
    });
    const copy = fc.record({
      plan: fc.option(plan, { nil: undefined }),
      delays: fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(copy, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
        fc.boolean(),
        fc.boolean(),
        async (copies, pauses, tight, killed) => {
          ledger[Symbol.dispose]();
          rmSync(state, { recursive: true });
          ledger = Ledger.open(state);
          const inner = copies.map(() => createMemoryStore());
          const all = new Set<string>();
          let dead = false;
          const views = inner.map((store) => watched(store, all));
          const stores = views.map(({ store }, i) => {
            const { plan: fault, delays } = copies[i]!;
            let puts = 0;
            const slow: Store = {
              ...store,
              async put(object, bytes, options) {
                for (let n = delays[puts++ % delays.length]!; n > 0; n--)
                  await new Promise(setImmediate);
                if (dead) await new Promise(() => {});
                await store.put(object, bytes, options);
              },
            };
            return fault ? createFaultyStore(slow, fault) : slow;
          });
          const run = start(stores, tight ? { free: 0 } : undefined);
          for (const pause of pauses) {
            const pack = newPack();
            all.add(pack.contents.pack);
            run.distribution.accept(pack);
            for (let n = pause; n > 0; n--) await new Promise(setImmediate);
          }
          if (killed) dead = true;
          else await conclude(run);
          expect(views.flatMap(({ broken }) => broken)).toEqual([]);
          for (const [i, store] of inner.entries()) {
            const sound = new Set(paths(store).map((path) => path.split("/").at(-1)!));
            for (const name of ledger.objects.of(`copy-${i}`).keys())
              expect(sound).toContain(name.split("/")[1]);
          }

          // The next run has its own snapshot, which names what is left of the first and more.
          const left = new Set(inner.flatMap(paths).flatMap((path) => path.split("/")[2] ?? []));
          for (const name of all) if (!left.has(name)) all.delete(name);
          const more = newPack();
          all.add(more.contents.pack);
          await nextRun(
            views.map(({ store }) => store),
            [more],
          );
          expect(views.flatMap(({ broken }) => broken)).toEqual([]);
          for (const store of inner) expect(paths(store)).toEqual(paths(inner[0]!));
          expect(kinds(inner[0]!)).toContain("snapshots");
        },
      ),
      { numRuns: 100 },
    );
  });
});
