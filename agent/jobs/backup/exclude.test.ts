import { describe, expect, test } from "vitest";
import { type RawName, rawFromText } from "../../base/raw-name.ts";
import { excludeOf } from "./exclude.ts";

const FOLDERS = ["/srv/ledger", "/srv/ledger-2", "/home/花子"].map(rawFromText);

/** Whether a path below one of the folders is left out. */
function excluded(patterns: readonly string[], path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return excludeOf(patterns, FOLDERS)(rawFromText(name), rawFromText(path));
}

describe("excludeOf holds a pattern without a slash against the name, anywhere", () => {
  test.each([
    ["*.tmp", "/srv/ledger/a.tmp", true],
    ["*.tmp", "/srv/ledger/deep/er/a.tmp", true],
    ["*.tmp", "/srv/ledger/a.tmp.csv", false],
    ["*.tmp", "/srv/ledger/x.tmp/a.csv", false],
    ["*.tmp", "/srv/ledger/.tmp", true],
    ["*.tmp", "/srv/ledger/A.TMP", false],
    ["~$*", "/srv/ledger/~$売掛金.xlsx", true],
    ["~$*", "/srv/ledger/売掛金.xlsx", false],
    [".*", "/srv/ledger/.git", true],
    ["*", "/srv/ledger/.hidden", true],
    ["旧*", "/srv/ledger/旧データ", true],
    ["{a,b}.csv", "/srv/ledger/b.csv", true],
    ["[0-9].csv", "/srv/ledger/7.csv", true],
    ["??", "/srv/ledger/売掛", true],
    ["ledger", "/srv/ledger/x", false],
    ["a b(1).txt", "/srv/ledger/a b(1).txt", true],
    ["*.tmp", "/srv/ledger/two\nlines.tmp", true],
  ])("%j, %j: %s", (pattern, path, out) => {
    expect(excluded([pattern], path)).toBe(out);
  });
});

describe("excludeOf holds a pattern with a slash against the path seen from its folder", () => {
  test.each([
    ["2019/*", "/srv/ledger/2019/a", true],
    ["2019/*", "/srv/ledger-2/2019/a", true],
    ["2019/*", "/home/花子/2019/a", true],
    ["2019/*", "/srv/ledger/2019", false],
    ["2019/*", "/srv/ledger/2019/a/b", false],
    ["2019/*", "/srv/ledger/x/2019/a", false],
    ["2019/**", "/srv/ledger/2019/a/b", true],
    ["**/cache", "/srv/ledger/a/b/cache", true],
    ["**/cache", "/srv/ledger/cache", true],
    ["ledger/2019/*", "/srv/ledger/2019/a", false],
    ["2/2019", "/srv/ledger-2/2019", false],
  ])("%j, %j: %s", (pattern, path, out) => {
    expect(excluded([pattern], path)).toBe(out);
  });
});

test("excludeOf leaves nothing out without patterns", () => {
  expect(excluded([], "/srv/ledger/a")).toBe(false);
});

test("excludeOf needs one pattern of many to match", () => {
  const patterns = ["*.bak", "old/*", "*.tmp"];
  expect(excluded(patterns, "/srv/ledger/a.tmp")).toBe(true);
  expect(excluded(patterns, "/srv/ledger/old/a")).toBe(true);
  expect(excluded(patterns, "/srv/ledger/new/a")).toBe(false);
});

test("excludeOf sees a byte that is no UTF-8 as one odd character", () => {
  const name = "a\xff.tmp" as RawName;
  const exclude = excludeOf(["a?.tmp"], FOLDERS);
  expect(exclude(name, `/srv/ledger/${name}` as RawName)).toBe(true);
});
