import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { RawName } from "../../base/raw-name.ts";
import type { ManifestEntry } from "../../vault/manifest.ts";
import type { NodeType } from "../../vault/tree.ts";
import { type CheckedNode, ManifestCheck, manifestType } from "./manifest-check.ts";
import { everything, onlyPaths } from "./tree-walk.ts";

const raw = (path: string): RawName => path as RawName;

/** A manifest of paths with their types: what the source had. */
function manifest(entries: Readonly<Record<string, ManifestEntry["type"]>>): ManifestEntry[] {
  return Object.entries(entries).map(([path, type]) => ({
    path: raw(path),
    type,
    mode: 0o644,
    mtime: 7n,
    ...(type === "file" ? { size: 5 } : {}),
    ...(type === "symlink" ? { target: raw("a.csv") } : {}),
  }));
}

/** A node of the vault as the manifest above has it. */
function node(type: ManifestEntry["type"]): CheckedNode {
  return {
    type: type === "other" ? "fifo" : type,
    mode: 0o644,
    mtime: 7n,
    size: type === "file" ? 5n : undefined,
    linkTarget: type === "symlink" ? raw("a.csv") : undefined,
  };
}

const source = manifest({
  "srv/ar/a.csv": "file",
  "srv/ar/link": "symlink",
  "srv/ar/pipe": "other",
  "srv/ar": "dir",
});

/** Shows the check everything that the vault has. */
function shown(
  check: ManifestCheck,
  vault: Readonly<Record<string, ManifestEntry["type"]>>,
): ManifestCheck {
  for (const [path, type] of Object.entries(vault)) check.seen(raw(path), node(type));
  return check;
}
const whole: Readonly<Record<string, ManifestEntry["type"]>> = {
  ".mikura/manifest.json": "file",
  ".mikura/SHA256SUMS": "file",
  ".mikura": "dir",
  "srv/ar/a.csv": "file",
  "srv/ar/link": "symlink",
  "srv/ar/pipe": "other",
  "srv/ar": "dir",
  srv: "dir",
};
function found(check: ManifestCheck): unknown {
  const wrong = check.finish();
  const named = (why: string): string[] =>
    wrong.filter((one) => one.why === why).map(({ path }) => path);
  return { missing: named("missing"), extra: named("differs") };
}

const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...list], { minLength: list.length });

describe("ManifestCheck", () => {
  it("finds nothing where the vault has what the source had, its own files and the way to them", () => {
    expect(found(shown(new ManifestCheck(source, everything), whole))).toEqual({
      missing: [],
      extra: [],
    });
  });

  const { "srv/ar/a.csv": _file, ...withoutFile } = whole;
  const { "srv/ar": _folder, ...withoutFolder } = whole;
  test.each([
    ["a file lacks", withoutFile, ["srv/ar/a.csv"], []],
    ["a folder lacks", withoutFolder, ["srv/ar"], []],
    ["a file is new", { ...whole, "srv/ar/b.csv": "file" }, [], ["srv/ar/b.csv"]],
    [
      "a file became a link",
      { ...whole, "srv/ar/a.csv": "symlink" },
      ["srv/ar/a.csv"],
      ["srv/ar/a.csv"],
    ],
    ["a folder is new beside the source", { ...whole, "srv/other": "dir" }, [], ["srv/other"]],
    ["a file stands at the root", { ...whole, passwd: "file" }, [], ["passwd"]],
    ["a folder only looks like ours", { ...whole, ".mikura2": "dir" }, [], [".mikura2"]],
    ["a .mikura stands inside", { ...whole, "srv/ar/.mikura": "dir" }, [], ["srv/ar/.mikura"]],
  ] as const)("finds it where %s", (_what, vault, missing, extra) => {
    expect(found(shown(new ManifestCheck(source, everything), vault))).toEqual({ missing, extra });
  });

  it("finds the same in any order of manifest and vault", () => {
    const { "srv/ar/link": _link, ...rest } = whole;
    const vault = { ...rest, "srv/ar/b.csv": "file" as const };
    const trouble = { missing: ["srv/ar/link"], extra: ["srv/ar/b.csv"] };
    fc.assert(
      fc.property(shuffled(source), shuffled(Object.entries(vault)), (entries, seen) => {
        // A folder comes after what is in it, in the vault always.
        const inOrder = seen.toSorted(
          ([a], [b]) => Number(a.startsWith(`${b}/`)) - Number(b.startsWith(`${a}/`)),
        );
        const check = new ManifestCheck(entries, everything);
        expect(found(shown(check, Object.fromEntries(inOrder)))).toEqual(trouble);
      }),
    );
  });

  it("reads no further in the manifest than the vault has come", () => {
    let read = 0;
    const counted = function* (): Generator<ManifestEntry> {
      for (const entry of source) {
        read++;
        yield entry;
      }
    };
    const check = new ManifestCheck(counted(), everything);
    check.seen(raw("srv/ar/a.csv"), node("file"));
    expect(read).toBe(2);
  });

  it("gives what the manifest says of a path, and names both kinds of trouble", () => {
    const check = new ManifestCheck(source, everything);
    expect(check.seen(raw("srv/ar/a.csv"), node("file"))).toBe(source[0]);
    expect(check.seen(raw("srv/ar/new"), node("file"))).toBeUndefined();
    const wrong = check.finish();
    expect(wrong[0]).toEqual({ path: "srv/ar/new", why: "differs" });
    expect(wrong).toContainEqual({ path: "srv/ar/link", why: "missing" });
  });

  test.each([
    ["srv/ar/a.csv", { ...node("file"), size: 6n }],
    ["srv/ar/a.csv", { ...node("file"), mtime: 8n }],
    ["srv/ar/a.csv", { ...node("file"), mode: 0o600 }],
    ["srv/ar/link", { ...node("symlink"), linkTarget: raw("b.csv") }],
    ["srv/ar/link", { ...node("symlink"), mtime: 8n }],
    ["srv/ar", { ...node("dir"), mode: 0o755 }],
  ])("finds %s changed in the vault", (path, changed) => {
    const check = new ManifestCheck(source, everything);
    for (const [other, type] of Object.entries(whole))
      check.seen(raw(other), other === path ? changed : node(type));
    expect(found(check)).toEqual({ missing: [], extra: [path] });
  });

  it("misses only what was wanted", () => {
    const check = (): ManifestCheck => new ManifestCheck(source, onlyPaths([raw("srv/ar/link")]));
    expect(found(check())).toEqual({ missing: ["srv/ar/link"], extra: [] });
    expect(found(shown(check(), { "srv/ar/link": "symlink", srv: "dir" }))).toEqual({
      missing: [],
      extra: [],
    });
  });

  it("knows the way to folders that lie deep and apart", () => {
    const deep = manifest({ "a/b/c/d": "dir", "a/b/c": "dir", "x/y": "dir" });
    const check = shown(new ManifestCheck(deep, everything), {
      "a/b/c/d": "dir",
      "a/b/c": "dir",
      "a/b": "dir",
      "a/c": "dir",
      a: "dir",
      "x/y": "dir",
      x: "dir",
    });
    expect(found(check)).toEqual({ missing: [], extra: ["a/c"] });
  });
});

test.each<[NodeType, ManifestEntry["type"]]>([
  ["file", "file"],
  ["dir", "dir"],
  ["symlink", "symlink"],
  ["fifo", "other"],
  ["dev", "other"],
  ["chardev", "other"],
  ["socket", "other"],
  ["irregular", "other"],
])("manifestType calls %s %s", (type, name) => {
  expect(manifestType({ type })).toBe(name);
});
