import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "../../agent/jobs/common/open-source.ts";
import { findDrift, verify } from "../../agent/jobs/verify/verify.ts";
import { treeDifferences } from "../e2e/same-tree.ts";
import { join } from "node:path";
import type { Workbench } from "../e2e/workbench.ts";
import { objectsIn, openPlace, photograph, smallCompany, twinOf } from "./lab.ts";

let sound: Workbench;
/** One object of every kind, by what it is. */
const chosen = new Map<string, string>();
beforeAll(async () => {
  sound = await smallCompany();
  await using place = await openPlace(sound);
  const { index } = await openSource(place, "office");
  const packOf = (kind: "tree" | "data"): string =>
    `data/${index.packs[index[kind].place(0)!.pack]}`;
  const named = (prefix: string): string =>
    [...objectsIn(sound.copy("office")).keys()].find((object) => object.startsWith(prefix))!;
  chosen.set("config", "config");
  chosen.set("key", named("keys/"));
  chosen.set("tree pack", packOf("tree"));
  chosen.set("data pack", packOf("data"));
  chosen.set("index", named("index/"));
  chosen.set("snapshot", named("snapshots/"));
});
afterAll(() => sound[Symbol.dispose]());

const KINDS = ["config", "key", "data pack", "tree pack", "index", "snapshot"] as const;

const DAMAGE: Readonly<Record<string, (bytes: Buffer) => Buffer | undefined>> = {
  "one bit flipped": (bytes) => {
    bytes[bytes.length >> 1]! ^= 1;
    return bytes;
  },
  "cut by one byte": (bytes) => bytes.subarray(0, -1),
  "cut to nothing": () => Buffer.alloc(0),
  zeroed: (bytes) => bytes.fill(0),
  "made longer": (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
  deleted: () => undefined,
};

function damage(path: string, how: string): void {
  const bytes = DAMAGE[how]!(readFileSync(path));
  chmodSync(path, 0o600);
  if (bytes) writeFileSync(path, bytes);
  else rmSync(path);
}

describe.each(KINDS)("a %s", (kind) => {
  it.each(Object.keys(DAMAGE))("%s in one copy is named by verify --all, or drift", async (how) => {
    using bench = twinOf(sound);
    const object = chosen.get(kind)!;
    damage(objectsIn(bench.copy("home")).get(object)!, how);
    const others = [photograph(bench.copy("office")), photograph(bench.copy("branch"))];

    await using place = await openPlace(bench, true);
    const { copies } = await verify(place, { copy: undefined, all: true });
    const drift = await findDrift(place);
    const named = [
      ...copies.flatMap(({ name, bad }) => bad.map((one) => `${name} ${one.object}`)),
      ...drift.map((one) => `${one.copy} ${one.object}`),
    ];
    // What needs the object is named as well, and nothing in another copy.
    expect(named).toContain(`home ${object}`);
    expect(named.filter((one) => !one.startsWith("home "))).toEqual([]);
    expect(copies.filter(({ fault }) => fault)).toEqual([]);
    expect([photograph(bench.copy("office")), photograph(bench.copy("branch"))]).toEqual(others);
  });
});

describe("damage in one copy, through the command line", () => {
  it.each(KINDS)("of a %s ends verify and drift with exit 4", async (kind) => {
    using bench = twinOf(sound);
    const object = chosen.get(kind)!;
    damage(objectsIn(bench.copy("branch")).get(object)!, "one bit flipped");
    const ran = await bench.mikura("verify", "--all", "--json");
    expect(ran.code).toBe(4);
    const bad = ran.json.copies.map(({ name, bad: list }: { name: string; bad: object[] }) => [
      name,
      list,
    ]);
    expect(bad).toEqual([
      ["office", []],
      ["home", []],
      ["branch", [{ object, kind: "damaged", cause: expect.any(String) }]],
    ]);
    const drift = await bench.mikura("drift", "--json");
    expect(drift.code).toBe(4);
    expect(drift.json.findings[0]).toMatchObject({ copy: "branch", kind: "damaged", object });
  });

  it("of all of them at once still lets another copy bring everything back", async () => {
    using bench = twinOf(sound);
    for (const path of objectsIn(bench.copy("home")).values()) damage(path, "one bit flipped");
    const bad = await bench.mikura("restore", "--copy", "home", "--to", "bad");
    expect(bad.code).toBe(4);
    const good = await bench.mikura("restore", "--copy", "office", "--to", "good");
    expect(good.code).toBe(0);
    expect(treeDifferences(sound.source, join(bench.path, "good", sound.source))).toEqual([]);
  });
});
