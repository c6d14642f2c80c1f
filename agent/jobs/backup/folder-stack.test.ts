import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { type RawName, rawFromText } from "../../base/raw-name.ts";
import { idOf } from "../../vault/ids.ts";
import { decodeTree } from "../../vault/tree-reader.ts";
import { FolderStack, isSame } from "./folder-stack.ts";
import type { RecordCursor } from "./memory-cursor.ts";
import type { Stat } from "./nodes.ts";
import type { Found } from "./scan.ts";
import { ScanMemoryWriter, openMemory } from "./scan-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "mikura-stack-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A source of one way folder, the dataset's folder, and what is in it. */
interface Source {
  readonly [name: string]: Thing;
}
type Thing = { readonly stat: Stat; readonly target?: string; readonly inside?: Source };

const stat = (mode: number, inode: number, fields: Partial<Stat> = {}): Stat => ({
  mode: BigInt(mode),
  size: 10n,
  mtimeNs: 1000n,
  ctimeNs: 2000n,
  ino: BigInt(inode),
  dev: 7n,
  nlink: 1n,
  uid: 1000n,
  gid: 100n,
  rdev: 0n,
  ...fields,
});
const file = (inode: number, fields: Partial<Stat> = {}): Thing => ({
  stat: stat(0o100644, inode, fields),
});
const dir = (inode: number, inside: Source, fields: Partial<Stat> = {}): Thing => ({
  stat: stat(0o040755, inode, fields),
  inside,
});

const base: Source = {
  a: file(10),
  link: { stat: stat(0o120777, 11), target: "a" },
  sub: dir(12, { deep: dir(13, { x: file(14) }), y: file(15) }),
  z: file(16),
};

interface Result {
  readonly memory: () => RecordCursor;
  readonly trees: readonly Buffer[];
  readonly root: string;
  readonly unchanged: boolean;
}

const owners = { user: () => "hanako", group: () => undefined };
let runs = 0;

/** One backup's way through the stack: `data` below `/srv`, against the memory of a run before. */
function run(
  inside: Source,
  before?: Result,
  own: { data?: Partial<Stat>; srv?: Partial<Stat> } = {},
): Result {
  const path = join(folder, `memory-${runs++}`);
  const writer = new ScanMemoryWriter(path, "scope");
  const trees: Buffer[] = [];
  const stack = new FolderStack(owners, writer, (tree) => trees.push(tree));
  const memory = before?.memory();
  const walk = (name: string, thing: Thing, way: boolean): void => {
    const found = {
      name: rawFromText(name),
      stat: thing.stat,
      target: thing.target,
    } as unknown as Found;
    const raw = rawFromText(name);
    if (thing.inside) {
      stack.enter(found, way, memory?.enter(raw));
      for (const [inner, one] of Object.entries(thing.inside)) walk(inner, one, false);
      stack.leave(memory?.leave());
    } else if (thing.target !== undefined) {
      const known = memory?.special(raw);
      stack.special(found, known !== undefined && isSame(known, thing.stat));
    } else {
      const known = memory?.file(raw);
      const unchanged = known !== undefined && isSame(known, thing.stat);
      const blobs = Buffer.alloc(32, Number(thing.stat.ino));
      const content = { size: thing.stat.size, blobs, sha256: Buffer.alloc(32, 1) };
      stack.file(raw, thing.stat, unchanged ? known : content, { unchanged, stable: true });
    }
  };
  const data = dir(2, inside, own.data);
  walk("srv", dir(1, { data }, own.srv), true);
  const sha256 = writer.commit();
  return {
    memory: () => openMemory(path, "scope", sha256)!,
    trees,
    root: stack.root.map(({ json }) => json()).join(),
    unchanged: stack.unchanged,
  };
}

/** Names in each tree that was stored: which folders were encoded anew. */
const stored = ({ trees }: Result): string[] =>
  trees.map((tree) =>
    decodeTree(tree)
      .map(({ name }) => name)
      .join(" "),
  );

const first = run(base);

describe("FolderStack", () => {
  it("stores every tree of a first run, inner folders before outer", () => {
    expect(stored(first)).toEqual(["x", "deep y", "a link sub z", "data"]);
    const [x, sub] = [first.trees[0]!, decodeTree(first.trees[1]!)];
    expect(sub[0]).toMatchObject({ name: "deep", type: "dir", subtree: idOf(x), user: "hanako" });
    expect(decodeTree(first.trees[2]!)[1]).toMatchObject({ type: "symlink", linkTarget: "a" });
    expect(first.root).toContain(`"name":"srv","type":"dir"`);
    expect(first.root).toContain(`"subtree":"${idOf(first.trees[3]!)}"`);
  });

  it("stores nothing where nothing changed, and names the same trees", () => {
    const again = run(base, first);
    expect(stored(again)).toEqual([]);
    expect(again.root).toBe(first.root);
    expect(again.unchanged).toBe(true);
    expect(stored(run(base, again)), "and so for ever").toEqual([]);
  });

  const { a, sub, ...rest } = base as Source & { a: Thing; sub: Thing };
  const inSub = (inside: Source): Source => ({ ...base, sub: { ...sub, inside } });
  test.each([
    ["a file's time", { ...base, a: file(10, { mtimeNs: 1_001n }) }, ["a link sub z", "data"]],
    [
      "a file's owner, seen by its ctime",
      { ...base, a: file(10, { ctimeNs: 2_001n }) },
      ["a link sub z", "data"],
    ],
    ["a file's size", { ...base, a: file(10, { size: 11n }) }, ["a link sub z", "data"]],
    ["a file's inode", { ...base, a: file(99) }, ["a link sub z", "data"]],
    [
      "a link",
      { ...base, link: { stat: stat(0o120777, 11, { ctimeNs: 9n }), target: "z" } },
      ["a link sub z", "data"],
    ],
    [
      "a file deep inside",
      inSub({ ...sub.inside, deep: dir(13, { x: file(14, { size: 9n }) }) }),
      ["x", "deep y", "a link sub z", "data"],
    ],
    [
      "a folder's permissions",
      { ...base, sub: { ...sub, stat: stat(0o040700, 12, { ctimeNs: 3n }) } },
      ["a link sub z", "data"],
    ],
    ["a new file", { ...base, zz: file(20) }, ["a link sub z zz", "data"]],
    ["a file gone", { a, sub, z: rest["z"]! }, ["a sub z", "data"]],
    ["a file renamed", { aa: a, ...rest, sub }, ["aa link sub z", "data"]],
    [
      "a folder renamed, with all in it",
      { a, link: rest["link"]!, sub2: sub, z: rest["z"]! },
      ["x", "deep y", "a link sub2 z", "data"],
    ],
    ["a file that became a folder", { ...base, a: dir(10, {}) }, ["", "a link sub z", "data"]],
    ["a folder that became empty", inSub({}), ["", "a link sub z", "data"]],
    [
      "a folder on another device",
      { ...base, sub: dir(12, sub.inside!, { dev: 8n }) },
      ["deep y", "a link sub z", "data"],
    ],
  ] as readonly (readonly [string, Source, readonly string[]])[])(
    "encodes anew the folders above %s, and no other",
    (_what, source, expected) => {
      const sorted = Object.fromEntries(
        Object.entries(source).toSorted(([x], [y]) => (x < y ? -1 : 1)),
      );
      const changed = run(sorted, first);
      expect(stored(changed)).toEqual(expected);
      expect(changed.unchanged).toBe(false);
      // What was kept from the memory is what a run without a memory makes.
      expect(changed.root).toBe(run(sorted).root);
      expect(stored(run(sorted, changed))).toEqual([]);
    },
  );

  it("counts the dataset's folder itself as content, and what is above it not", () => {
    const touched = run(base, first, { data: { mtimeNs: 5n, ctimeNs: 5n } });
    expect([stored(touched), touched.unchanged]).toEqual([["data"], false]);
    const above = run(base, first, { srv: { mtimeNs: 5n, ctimeNs: 5n } });
    expect([stored(above), above.unchanged]).toEqual([[], true]);
    expect(above.root).not.toBe(first.root);
  });

  it("encodes a folder anew where something of it is left out", () => {
    const path = join(folder, "missing");
    const writer = new ScanMemoryWriter(path, "scope");
    const trees: Buffer[] = [];
    const stack = new FolderStack(owners, writer, (tree) => trees.push(tree));
    const found = { name: "data" as RawName, stat: stat(0o040755, 2) } as unknown as Found;
    const before = {
      mtime: 1000n,
      ctime: 2000n,
      inode: 2n,
      mode: 493,
      count: 0,
    };
    stack.enter(found, false, 7n);
    stack.missing();
    stack.leave({ ...before, tree: Buffer.alloc(32, 0xee) });
    writer.commit();
    expect(trees).toHaveLength(1);
    expect(stack.unchanged).toBe(false);
  });

  it("remembers a file that changed while it was read as one that must be read again", () => {
    const path = join(folder, "unstable");
    const writer = new ScanMemoryWriter(path, "scope");
    const stack = new FolderStack(owners, writer, () => {});
    const { stat: now } = file(10);
    stack.enter({ name: "data", stat: stat(0o040755, 2) } as unknown as Found, false, undefined);
    const content = { size: 10n, blobs: Buffer.alloc(32), sha256: Buffer.alloc(32) };
    for (const [name, stable] of [
      ["a", true],
      ["b", false],
    ] as const)
      stack.file(name as RawName, now, content, { unchanged: false, stable });
    stack.leave(undefined);
    const memory = openMemory(path, "scope", writer.commit())!;
    memory.enter("data" as RawName);
    expect(isSame(memory.file("a" as RawName)!, now)).toBe(true);
    expect(isSame(memory.file("b" as RawName)!, now)).toBe(false);
  });
});

test.each([
  ["nothing", {}, true],
  ["mode alone, which no change leaves alone", { mode: 0n }, true],
  ["mtime by a nanosecond", { mtimeNs: 1_001n }, false],
  ["ctime", { ctimeNs: 0n }, false],
  ["inode", { ino: 11n }, false],
  ["size", { size: 9n }, false],
])("isSame where %s differs: %o, %s", (_what, fields, same) => {
  const before = { mtime: 1_000n, ctime: 2_000n, inode: 10n, mode: 0o644, size: 10n };
  expect(isSame(before, stat(0o100644, 10, fields))).toBe(same);
});
