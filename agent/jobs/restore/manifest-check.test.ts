import { describe, expect, it, test } from "vitest";
import type { RawName } from "../../base/raw-name.ts";
import type { ManifestEntry } from "../../vault/manifest.ts";
import type { NodeType } from "../../vault/tree.ts";
import { ManifestCheck, manifestType } from "./manifest-check.ts";
import { everything, onlyPaths } from "./tree-walk.ts";

const raw = (path: string): RawName => path as RawName;

/** A manifest of paths with their types: what the source had. */
function manifest(
  entries: Readonly<Record<string, ManifestEntry["type"]>>,
): Map<RawName, ManifestEntry> {
  return new Map(
    Object.entries(entries).map(([path, type]) => [
      raw(path),
      { path: raw(path), type, mode: 0, mtime: 0n },
    ]),
  );
}
const source = manifest({
  "srv/ar": "dir",
  "srv/ar/a.csv": "file",
  "srv/ar/link": "symlink",
  "srv/ar/pipe": "other",
});

/** Shows the check everything that the vault has. */
function shown(
  check: ManifestCheck,
  vault: Readonly<Record<string, ManifestEntry["type"]>>,
): ManifestCheck {
  for (const [path, type] of Object.entries(vault)) check.seen(raw(path), type);
  return check;
}
const whole: Readonly<Record<string, ManifestEntry["type"]>> = {
  ".mikura": "dir",
  ".mikura/manifest.json": "file",
  ".mikura/SHA256SUMS": "file",
  srv: "dir",
  "srv/ar": "dir",
  "srv/ar/a.csv": "file",
  "srv/ar/link": "symlink",
  "srv/ar/pipe": "other",
};
const found = ({ missing, extra }: ManifestCheck): unknown => ({
  missing: missing.map(({ path }) => path),
  extra: extra.map(({ path }) => path),
});

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

  it("gives what the manifest says of a path, and names both kinds of trouble", () => {
    const check = new ManifestCheck(source, everything);
    expect(check.seen(raw("srv/ar/a.csv"), "file")).toBe(source.get(raw("srv/ar/a.csv")));
    expect(check.seen(raw("srv/ar/new"), "file")).toBeUndefined();
    expect(check.extra).toEqual([{ path: "srv/ar/new", why: "differs" }]);
    expect(check.missing).toContainEqual({ path: "srv/ar/link", why: "missing" });
  });

  it("misses only what was wanted", () => {
    const check = new ManifestCheck(source, onlyPaths([raw("srv/ar/link")]));
    expect(found(check)).toEqual({ missing: ["srv/ar/link"], extra: [] });
    expect(found(shown(check, { srv: "dir", "srv/ar/link": "symlink" }))).toEqual({
      missing: [],
      extra: [],
    });
  });

  it("knows the way to folders that lie deep and apart", () => {
    const deep = manifest({ "a/b/c": "dir", "a/b/c/d": "dir", "x/y": "dir" });
    const check = shown(new ManifestCheck(deep, everything), {
      a: "dir",
      "a/b": "dir",
      "a/b/c": "dir",
      "a/b/c/d": "dir",
      x: "dir",
      "x/y": "dir",
      "a/c": "dir",
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
