import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { treeDifferences } from "../e2e/same-tree.ts";
import { COPIES, type Workbench } from "../e2e/workbench.ts";
import { objectsIn, photograph, restoreDifferences, smallCompany, twinOf } from "./lab.ts";

let sound: Workbench;
beforeAll(async () => {
  sound = await smallCompany();
});
afterAll(() => sound[Symbol.dispose]());

/** Objects under `keys/` that the agent's key opens: those that cost little. */
function agentKeyFile(root: string): string {
  const keys = [...objectsIn(root)].filter(([object]) => object.startsWith("keys/"));
  return keys.find(([, path]) => readFileSync(path, "utf8").includes('"N":1024'))![1];
}

function overwrite(path: string, bytes: Uint8Array): void {
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
}

describe("the agent's key file", () => {
  const CASES: readonly [string, (path: string) => void, string, RegExp][] = [
    ["is missing", (path) => rmSync(path), "key-missing", /init/],
    [
      "is that of another vault",
      (path) => writeFileSync(path, `${"0123456789abcdef".repeat(4)}\n`),
      "key-wrong",
      /key-file/,
    ],
    ["is empty", (path) => writeFileSync(path, ""), "key-wrong", /saved key file|recovery code/],
    [
      "is not a key",
      (path) => writeFileSync(path, Buffer.from([0, 255, 10, 13])),
      "key-wrong",
      /saved key file|recovery code/,
    ],
    ["can be read by others", (path) => chmodSync(path, 0o644), "key-unsafe", /chmod 600/],
    ["can be read by the group", (path) => chmodSync(path, 0o640), "key-unsafe", /chmod 600/],
  ];

  it.each(CASES)("when it %s, is named and nothing is touched", async (_, spoil, code, hint) => {
    using bench = twinOf(sound);
    spoil(bench.keyFile);
    const before = COPIES.map((copy) => photograph(bench.copy(copy)));

    const to = bench.newFolder();
    for (const args of [["backup"], ["restore", "--copy", "home", "--to", to]] as const) {
      const ran = await bench.mikura(...(args as [string]), "--json");
      expect([args[0], ran.code, ran.json.error?.code]).toEqual([args[0], 2, code]);
      expect(ran.json.error.hint).toMatch(hint);
      expect(ran.stderr).toMatch(/agent\.key|key-file/);
    }
    expect(existsSync(to)).toBe(false);
    expect(COPIES.map((copy) => photograph(bench.copy(copy)))).toEqual(before);
  });

  it("is not made anew by init where it is lost and the vault is there", async () => {
    using bench = twinOf(sound);
    rmSync(bench.keyFile);
    rmSync(join(bench.path, "state"), { recursive: true });
    const ran = await bench.mikura("init", "--json");
    expect([ran.code, ran.json.error?.code]).toEqual([2, "key-missing"]);
    expect(() => readFileSync(bench.keyFile)).toThrow("ENOENT");
  });
});

describe("a key in the vault", () => {
  const flip = (bytes: Buffer): Buffer => {
    const at = bytes.indexOf('"data":"') + 12;
    bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
    return bytes;
  };
  const DAMAGE: readonly [string, (path: string) => void][] = [
    ["flipped", (path) => overwrite(path, flip(readFileSync(path)))],
    ["cut", (path) => overwrite(path, readFileSync(path).subarray(0, 100))],
    ["zeroed", (path) => overwrite(path, Buffer.alloc(readFileSync(path).length))],
    ["deleted", (path) => rmSync(path)],
  ];

  it.each(DAMAGE)("%s in one copy, is named there and stops no other", async (how, damage) => {
    using bench = twinOf(sound);
    damage(agentKeyFile(bench.copy("office")));
    const ran = await bench.mikura("restore", "--copy", "office", "--to", "out", "--json");
    const named = how === "deleted" ? [2, "key-wrong"] : [4, "key-damaged"];
    expect([ran.code, ran.json.error.code]).toEqual(named);
    expect((await bench.mikura("backup")).code).toBe(0);
    expect(await restoreDifferences(bench, "home")).toEqual([]);
  });

  it.each(DAMAGE)("%s in all copies, is not called a wrong key file", async (how, damage) => {
    using bench = twinOf(sound);
    for (const copy of COPIES) damage(agentKeyFile(bench.copy(copy)));
    const ran = await bench.mikura("backup", "--json");
    const named = how === "deleted" ? [2, "key-wrong"] : [4, "key-damaged"];
    expect([ran.code, ran.json.error.code]).toEqual(named);
  });

  it("damaged everywhere, leaves the recovery code to bring everything back", () => {
    using bench = twinOf(sound);
    for (const copy of COPIES) {
      DAMAGE[0]![1](agentKeyFile(bench.copy(copy)));
      bench.restic(copy, ["restore", "latest", "--target", join(bench.path, copy)], "code");
      const restored = join(bench.path, copy, sound.source);
      expect(treeDifferences(sound.source, restored)).toEqual([]);
    }
  });
});
