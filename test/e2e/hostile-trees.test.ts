import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Id, idOf } from "../../agent/vault/ids.ts";
import { type ForgedNode, Forger } from "./forger.ts";
import { noise } from "./nasty-source.ts";
import { type Ran, Workbench } from "./workbench.ts";

const LIMIT_MS = 20_000;
const GOOD = Buffer.from("good content");
const EVIL = Buffer.from("evil content");
const MIB = 1024 * 1024;

let bench: Workbench;

beforeAll(async () => {
  bench = new Workbench();
  writeFileSync(join(bench.source, "book"), "an honest file");
  await bench.init();
  expect((await bench.mikura("backup")).code).toBe(0);
});
afterAll(() => bench[Symbol.dispose]());

/** A snapshot of a good file and, beside it, what is hostile. */
async function forge(hostile: (forger: Forger) => readonly ForgedNode[]): Promise<Id> {
  const forger = await Forger.in(bench, "office");
  return forger.publish([forger.file("good", GOOD), ...hostile(forger)]);
}

async function restore(snapshot: Id, to: string, ...more: string[]): Promise<Ran> {
  const args = ["--copy", "office", "--snapshot", snapshot, "--to", to, "--json", ...more];
  return await bench.start("restore", args, { limitMs: LIMIT_MS }).ended;
}

/** Restores two folders deep, so that a name which climbs ends where it can be seen. */
async function restoreDeep(snapshot: Id): Promise<{ ran: Ran; target: string; escaped: string[] }> {
  const outer = bench.newFolder();
  const target = join(outer, "inner/target");
  mkdirSync(join(outer, "inner"), { recursive: true });
  writeFileSync(join(outer, "canary"), "sings");
  const ran = await restore(snapshot, target);
  const escaped = execFileSync(
    "find",
    [outer, "-path", `${target}*`, "-prune", "-o", "-type", "f", "-print"],
    { encoding: "utf8" },
  );
  expect(readFileSync(join(outer, "canary"), "utf8")).toBe("sings");
  return { ran, target, escaped: escaped.trim().split("\n") };
}

/** What was restored of a name must be right or not there. */
function rightOrAbsent(path: string, content: Buffer): void {
  if (existsSync(path)) expect(readFileSync(path).equals(content), path).toBe(true);
}

describe("names that are no names", () => {
  type Kind = "file" | "folder" | "link";
  const ALL: readonly Kind[] = ["file", "folder", "link"];
  test.each<[what: string, name: string, kinds?: readonly Kind[]]>([
    ["the folder above", "..", ALL],
    ["the folder itself", "."],
    ["a way up", "../evil", ALL],
    ["a longer way up", "../../evil"],
    ["an absolute path", "/tmp/mikura-evil", ALL],
    ["a path", "x/y", ["file"]],
    ["nothing", "", ["file"]],
    ["a NUL inside", "a\\x00b"],
    ["a quoted separator", "\\x2e\\x2e\\x2fevil"],
    ["an octal separator", "..\\057evil"],
    ["a broken escape", "\\xZZ"],
    ["256 bytes", "n".repeat(256)],
  ])("%s: refused, and nothing is written outside", async (_what, name, kinds = ["folder"]) => {
    for (const kind of kinds) {
      const snapshot = await forge((forger) => [
        kind === "file"
          ? forger.file(name, EVIL)
          : kind === "folder"
            ? forger.folder(name, [forger.file("evil", EVIL)])
            : forger.link(name, "/etc"),
      ]);
      const { ran, target, escaped } = await restoreDeep(snapshot);
      expect(ran.code, ran.stdout).toBe(4);
      expect(ran.json.error.code).toBe("tree-hostile");
      expect(escaped).toEqual([join(target, "../../canary")]);
      expect(existsSync("/tmp/mikura-evil")).toBe(false);
    }
  });
});

describe("one name for two things", () => {
  test.each<[what: string, twice: (forger: Forger, outside: string) => readonly ForgedNode[]]>([
    ["two files", (f) => [f.file("twin", GOOD), f.file("twin", EVIL)]],
    [
      "a link and a folder behind it",
      (f, outside) => [f.link("twin", outside), f.folder("twin", [f.file("evil", EVIL)])],
    ],
    [
      "a folder and a link over it",
      (f, outside) => [f.folder("twin", [f.file("evil", EVIL)]), f.link("twin", outside)],
    ],
    [
      "the same name quoted in two ways",
      (f, outside) => [f.link("twin", outside), f.folder("tw\\x69n", [f.file("evil", EVIL)])],
    ],
    ["a file and its end", (f) => [f.link("z", "twin"), f.file("z", EVIL)]],
  ])("%s: refused, and nothing is written through", async (_what, twice) => {
    const outside = bench.newFolder();
    mkdirSync(outside);
    const { ran, escaped } = await restoreDeep(await forge((forger) => twice(forger, outside)));
    expect(ran.code, ran.stdout).toBe(4);
    expect(ran.json.error.code).toBe("tree-hostile");
    expect(escaped).toHaveLength(1);
    expect(existsSync(join(outside, "evil"))).toBe(false);
  });

  test("a link to a folder and a file inside a folder of another name stay apart", async () => {
    const outside = bench.newFolder();
    mkdirSync(outside);
    const snapshot = await forge((f) => [
      f.link("a", outside),
      f.folder("b", [f.file("file", GOOD), f.link("up", "../a")]),
    ]);
    const { ran, target } = await restoreDeep(snapshot);
    expect(ran.code).toBe(0);
    expect(readFileSync(join(target, "b/file")).equals(GOOD)).toBe(true);
    expect(existsSync(join(outside, "file"))).toBe(false);
  });
});

describe("sizes that are not true", () => {
  /** Of its own in each vault: what another one holds too could be read from there. */
  let text: Buffer;
  let texts = 0;
  beforeEach(() => {
    text = Buffer.from(`text ${++texts} twelve bytes`.repeat(100));
  });
  const long = noise("long", 3 * MIB);
  test.each<[what: string, lie: (forger: Forger) => ForgedNode]>([
    ["node.size too large", (f) => f.file("lie", text, { size: text.length + 100 })],
    ["node.size too small", (f) => f.file("lie", text, { size: text.length - 100 })],
    ["node.size 0", (f) => f.file("lie", text, { size: 0 })],
    ["node.size of 1 EiB", (f) => f.file("lie", text, { size: 2 ** 53 - 1 })],
    [
      "uncompressed_length +7 in header and index",
      (f) => lied(f, [f.blob("data", text, { rawLength: text.length + 7 })], text.length + 7),
    ],
    [
      "uncompressed_length +7 in the index only",
      (f) => lied(f, [f.blob("data", text, { indexRawLength: text.length + 7 })], text.length),
    ],
    [
      "uncompressed_length -7, in the middle of a file",
      (f) => {
        const middle = f.blob("data", text, { rawLength: text.length - 7 });
        const ends = [f.blob("data", GOOD), f.blob("data", EVIL)] as const;
        return lied(f, [ends[0], middle, ends[1]], text.length + GOOD.length + EVIL.length);
      },
    ],
    [
      "an offset beyond the pack",
      (f) => lied(f, [f.blob("data", text, { indexOffset: 2 ** 31 })], text.length),
    ],
    [
      "an offset into another blob",
      (f) => lied(f, [f.blob("data", text, { indexOffset: 3 })], text.length),
    ],
    [
      "the whole bytes of another blob under its name",
      (f) => {
        const other = Buffer.from(text).fill("evil");
        const indexId = idOf(text);
        f.blob("data", other, { indexId });
        return lied(f, [indexId], text.length);
      },
    ],
    ["a blob that no index has", (f) => lied(f, ["ab".repeat(32)], text.length)],
    [
      "a blob of 256 MiB that claims 100 bytes",
      (f) => lied(f, [f.blob("data", Buffer.alloc(256 * MIB), { rawLength: 100 })], 100),
    ],
    [
      "a blob that claims 4 GiB",
      (f) => lied(f, [f.blob("data", text, { rawLength: 2 ** 32 - 1 })], text.length),
    ],
  ])("%s: the file is named and not left behind, the others come back", async (what, lie) => {
    const { ran, target } = await restoreDeep(await forge((f) => [lie(f), f.file("long", long)]));
    rightOrAbsent(join(target, "lie"), text);
    if (what.includes("EiB")) {
      expect(ran.code).toBe(1); // there is no room for it anywhere
      expect(ran.json.error.code).toBe("target-failed");
      return;
    }
    expect(ran.code, ran.stdout + ran.stderr).toBe(4);
    expect(ran.json.wrong).toEqual([{ path: "lie", why: "damaged" }]);
    expect(existsSync(join(target, "lie"))).toBe(false);
    expect(readFileSync(join(target, "good")).equals(GOOD)).toBe(true);
    expect(readFileSync(join(target, "long")).equals(long)).toBe(true);
  });

  function lied(forger: Forger, content: readonly Id[], size: number): ForgedNode {
    return forger.file("lie", content, { size });
  }

  test("a blob of 256 MiB in 8 KiB, truly declared, comes back", async () => {
    const size = 256 * MIB;
    const snapshot = await forge((f) => [f.file("ones", Buffer.alloc(size, 1))]);
    const { ran, target } = await restoreDeep(snapshot);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(readFileSync(join(target, "ones")).equals(Buffer.alloc(size, 1))).toBe(true);
  });
});

test("hard links that agree in their first blob only are two files", async () => {
  const link = { links: 2, inode: 77, device_id: 5 };
  const size = GOOD.length + EVIL.length;
  const snapshot = await forge((f) => {
    const [a, b] = [f.blob("data", GOOD), f.blob("data", EVIL)];
    return [f.file("one", [a, b], { ...link, size }), f.file("two", [a, a], { ...link, size })];
  });
  const { ran, target } = await restoreDeep(snapshot);
  expect(ran.code).toBe(0);
  expect(readFileSync(join(target, "one"))).toEqual(Buffer.concat([GOOD, EVIL]));
  expect(readFileSync(join(target, "two"))).toEqual(Buffer.concat([GOOD, GOOD]));
});
