import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { type Progress, noProgress } from "../../base/progress.ts";
import { createFaultyStore } from "../../copies/faulty-store.ts";
import { type MemoryStore, createMemoryStore } from "../../copies/memory-store.ts";
import type { ObjectKind, Store } from "../../copies/store.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { idOf } from "../../vault/ids.ts";
import type { ReadyCopy } from "../common/open-copies.ts";
import { bringUp, owedBy } from "./bring-up.ts";
import { CopyLane } from "./copy-lane.ts";

let state: string;
let ledger: Ledger;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "mikura-bring-up-"));
  ledger = Ledger.open(state);
});
afterEach(() => {
  ledger[Symbol.dispose]();
  rmSync(state, { recursive: true });
});

interface Made {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly bytes: Buffer;
}

/** An object of the vault, which the ledger expects in every copy. */
function object(kind: ObjectKind): Made {
  const bytes = randomBytes(64);
  const name = kind === "config" ? "config" : idOf(bytes);
  ledger.objects.add({ kind, name, size: bytes.length, sha256: idOf(bytes) }, 1);
  return { kind, name, bytes };
}

async function laneOf(name: string, store: Store): Promise<CopyLane> {
  const ready = { state: "ready", copy: { name }, store, vault: "", id: "" };
  const lane = new CopyLane(ready as unknown as ReadyCopy, () => {});
  await lane.look(new Map());
  return lane;
}

async function holding(...objects: readonly Made[]): Promise<MemoryStore> {
  const store = createMemoryStore();
  for (const made of objects) await store.put(made, made.bytes);
  return store;
}

/** Names the kinds and objects put, in order. */
function recorded(inner: Store): { store: Store; puts: string[] } {
  const puts: string[] = [];
  const store: Store = {
    ...inner,
    async put(ref, bytes, options) {
      puts.push(ref.kind);
      await inner.put(ref, bytes, options);
    },
    async sync() {
      puts.push("sync");
      await inner.sync();
    },
  };
  return { store, puts };
}

interface More {
  readonly fresh?: ReadonlyMap<string, Buffer>;
  readonly lost?: ReadonlySet<string>;
  readonly progress?: Progress;
}

async function paid(
  lane: CopyLane,
  donors: readonly CopyLane[],
  more: More = {},
): Promise<string[]> {
  const given = { fresh: new Map<string, Buffer>(), lost: new Set<string>(), progress: noProgress };
  const all = [lane, ...donors];
  return await bringUp(lane, owedBy(lane, ledger), all, ledger, {
    ...given,
    ...more,
    now: () => 7,
  });
}

describe("bringUp", () => {
  it("copies everything that is owed, kind after kind, each durable before the next", async () => {
    const all = (["snapshots", "index", "data", "keys", "config", "data"] as const).map(object);
    const donor = await laneOf("donor", await holding(...all));
    const inner = createMemoryStore();
    const { store, puts } = recorded(inner);
    const lane = await laneOf("late", store);
    expect(await paid(lane, [donor])).toEqual([]);
    expect(puts).toEqual([
      "config",
      "sync",
      "keys",
      "sync",
      "data",
      "data",
      "sync",
      "index",
      "sync",
      "snapshots",
      "sync",
    ]);
    for (const { kind, name, bytes } of all) {
      expect(await inner.get({ kind, name })).toEqual(bytes);
      expect(ledger.objects.holds("late", kind, name)).toBe(true);
    }
    expect([lane.objectsSent, lane.bytesSent]).toEqual([6, 6 * 64]);
  });

  it("does nothing for a copy that owes nothing", async () => {
    const all = [object("data"), object("index")];
    const { store, puts } = recorded(await holding(...all));
    expect(await paid(await laneOf("current", store), [])).toEqual([]);
    expect(puts).toEqual([]);
  });

  it("reads once more from a donor that gives garbage once", async () => {
    const pack = object("data");
    const flaky = createFaultyStore(await holding(pack), { at: 1, only: ["get"], how: "garbage" });
    const inner = createMemoryStore();
    expect(await paid(await laneOf("late", inner), [await laneOf("flaky", flaky)])).toEqual([]);
    expect(await inner.get(pack)).toEqual(pack.bytes);
    expect(flaky.operations).toEqual(["get", "get"]);
  });

  test.each(["garbage", "short", "error"] as const)(
    "takes from the next donor what one gives only as %s",
    async (how) => {
      const pack = object("data");
      const bad = createFaultyStore(await holding(pack), { only: ["get"], how });
      const inner = createMemoryStore();
      const donors = [await laneOf("bad", bad), await laneOf("good", await holding(pack))];
      expect(await paid(await laneOf("late", inner), donors)).toEqual([]);
      expect(await inner.get(pack)).toEqual(pack.bytes);
      expect(donors.map(({ fault }) => fault !== undefined)).toEqual([how === "error", false]);
    },
  );

  it("never passes garbage on, and names what no copy could give", async () => {
    const [pack, other] = [object("data"), object("data")];
    const [index, snapshot] = [object("index"), object("snapshots")];
    const donor = await holding(pack, other, index, snapshot);
    donor.files.set(`data/${pack.name.slice(0, 2)}/${pack.name}`, randomBytes(64));
    const inner = createMemoryStore();
    const lacking = await paid(await laneOf("late", inner), [await laneOf("donor", donor)]);
    expect(lacking.toSorted()).toEqual(
      [`data/${pack.name}`, `index/${index.name}`, `snapshots/${snapshot.name}`].toSorted(),
    );
    expect([...inner.files.values()]).toEqual([other.bytes]);
  });

  it("holds config against the hash that the ledger has for it", async () => {
    const config = object("config");
    const donor = await holding(config);
    donor.files.set("config", randomBytes(64));
    const inner = createMemoryStore();
    const donors = [await laneOf("changed", donor), await laneOf("good", await holding(config))];
    expect(await paid(await laneOf("late", inner), donors)).toEqual([]);
    expect(inner.files.get("config")).toEqual(config.bytes);
  });

  test.each(["config", "keys", "data", "index"] as const)(
    "lets no snapshot come while a %s object is lacking",
    async (kind) => {
      const gone = object(kind);
      const snapshot = object("snapshots");
      const inner = createMemoryStore();
      const lane = await laneOf("late", inner);
      const lacking = await paid(lane, [await laneOf("donor", await holding(snapshot))]);
      expect(lacking).toEqual([`${kind}/${gone.name}`, `snapshots/${snapshot.name}`]);
      expect(inner.files.size).toBe(0);
    },
  );

  it("lets only snapshots of this run come where something is lost everywhere: they do not name it", async () => {
    const gone = object("data");
    const [index, old, fresh] = [object("index"), object("snapshots"), object("snapshots")];
    const inner = createMemoryStore();
    const lacking = await paid(
      await laneOf("late", inner),
      [await laneOf("donor", await holding(index, old))],
      { lost: new Set([`data/${gone.name}`]), fresh: new Map([[fresh.name, fresh.bytes]]) },
    );
    expect(lacking.toSorted()).toEqual([`data/${gone.name}`, `snapshots/${old.name}`].toSorted());
    expect([...inner.files.keys()].toSorted()).toEqual(
      [`index/${index.name}`, `snapshots/${fresh.name}`].toSorted(),
    );
  });

  it("lets no snapshot come over what is known to be damaged there: it might need just that", async () => {
    const [pack, snapshot] = [object("data"), object("snapshots")];
    const inner = await holding(pack);
    ledger.objects.bad("late", "data", pack.name, 1, "damaged");
    const donors = [await laneOf("donor", await holding(pack, snapshot))];
    expect(await paid(await laneOf("late", inner), donors)).toEqual([
      `data/${pack.name}`,
      `snapshots/${snapshot.name}`,
    ]);
    expect(inner.files.size).toBe(1);
  });

  it("marks a copy that fails midway with its cause, and the others finish", async () => {
    const all = (["data", "data", "data", "index", "snapshots"] as const).map(object);
    const donor = await laneOf("donor", await holding(...all));
    const full = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
    const [broken, good] = [createMemoryStore(), createMemoryStore()];
    const failing = createFaultyStore(broken, { at: 2, only: ["put"], how: "error", error: full });
    const lanes = [await laneOf("broken", failing), await laneOf("good", good), donor];
    const lacking = await Promise.all(
      lanes.map((lane) =>
        paid(
          lane,
          lanes.filter((other) => other !== lane),
        ),
      ),
    );
    expect(lanes.map(({ fault }) => fault?.cause)).toEqual([full, undefined, undefined]);
    expect(lacking.map(({ length }) => length)).toEqual([4, 0, 0]);
    expect(good.files.size).toBe(5);
    expect([...broken.files.keys()].every((path) => path.startsWith("data/"))).toBe(true);
  });

  it("goes no further, and reads no donor, where a kind could not be made durable", async () => {
    const all = (["data", "index", "snapshots"] as const).map(object);
    const inner = createMemoryStore();
    const lane = await laneOf("late", createFaultyStore(inner, { only: ["sync"], how: "error" }));
    const donor = createFaultyStore(await holding(...all), { at: 99, only: ["get"], how: "error" });
    await paid(lane, [await laneOf("donor", donor)]);
    expect(lane.fault).toBeDefined();
    expect([...inner.files.keys()].map((path) => path.split("/")[0])).toEqual(["data"]);
    expect(donor.operations).toEqual(["get"]);
  });

  it("tells how far it is, what could not be had too", async () => {
    const all = (["data", "index", "snapshots"] as const).map(object);
    const gone = object("keys");
    let [objects, bytes] = [0, 0];
    const advance = (files: number, size: number): void =>
      void ((objects += files), (bytes += size));
    await paid(
      await laneOf("late", createMemoryStore()),
      [await laneOf("d", await holding(...all))],
      {
        progress: { ...noProgress, advance },
      },
    );
    expect(gone.kind).toBe("keys");
    expect([objects, bytes]).toEqual([3, 3 * 64]);
  });
});
