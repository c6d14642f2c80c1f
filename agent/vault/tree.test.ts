import { describe, expect, it, test } from "vitest";
import { type RawName, rawFromText } from "../base/raw-name.ts";
import { toGoMode } from "./go-mode.ts";
import { type TreeNode, encodeNode, encodeTree } from "./tree.ts";

const SECOND = 1_000_000_000n;
const NOON = BigInt(Date.parse("2026-11-21T12:00:00Z")) * 1_000_000n;

const plain: TreeNode = {
  name: rawFromText("売掛金.csv"),
  type: "file",
  mode: toGoMode(0o100640),
  mtime: NOON + 120_000_000n,
  ctime: NOON + 1n,
  uid: 1000,
  gid: 100,
  user: "hanako",
  group: "users",
  inode: 2n ** 64n - 1n,
  deviceId: 64_769n,
  size: 2n ** 53n + 1n,
  links: 1n,
  content: ["a".repeat(64), "b".repeat(64)],
};

describe("encodeNode", () => {
  it("writes a file as restic does, in its order, with every digit", () => {
    expect(encodeNode(plain)).toBe(
      '{"name":"売掛金.csv","type":"file","mode":416,' +
        '"mtime":"2026-11-21T12:00:00.12Z","atime":"2026-11-21T12:00:00.12Z",' +
        '"ctime":"2026-11-21T12:00:00.000000001Z","uid":1000,"gid":100,' +
        '"user":"hanako","group":"users","inode":18446744073709551615,"device_id":64769,' +
        `"size":9007199254740993,"links":1,"content":["${"a".repeat(64)}","${"b".repeat(64)}"]}`,
    );
  });

  it("leaves out what is zero or unknown, but for owner numbers and content", () => {
    const bare = {
      ...plain,
      mode: 0,
      uid: 0,
      gid: 0,
      user: undefined,
      group: "",
      inode: 0n,
      deviceId: 0n,
      size: 0n,
      links: 0n,
      content: [],
    };
    expect(encodeNode(bare)).toBe(
      '{"name":"売掛金.csv","type":"file",' +
        '"mtime":"2026-11-21T12:00:00.12Z","atime":"2026-11-21T12:00:00.12Z",' +
        '"ctime":"2026-11-21T12:00:00.000000001Z","uid":0,"gid":0,"content":[]}',
    );
  });

  const tail = (fields: Partial<TreeNode>): string =>
    encodeNode({ ...plain, size: undefined, content: null, ...fields }).split('"links":1,')[1]!;

  test.each([
    [
      "a folder",
      { type: "dir", subtree: "c".repeat(64) },
      `"content":null,"subtree":"${"c".repeat(64)}"}`,
    ],
    [
      "a link",
      { type: "symlink", linkTarget: rawFromText("../売&<掛>") },
      '"linktarget":"../売\\u0026\\u003c掛\\u003e","content":null}',
    ],
    [
      "a link to nowhere",
      { type: "symlink", linkTarget: "" as RawName },
      '"linktarget":"","content":null}',
    ],
    [
      "a link to what is no UTF-8",
      { type: "symlink", linkTarget: "a\xff" as RawName },
      '"linktarget":"a\\ufffd","linktarget_raw":"Yf8=","content":null}',
    ],
    ["a device", { type: "chardev", device: 0x0501n }, '"device":1281,"content":null}'],
    ["a FIFO", { type: "fifo" }, '"content":null}'],
  ] as const)("writes the end of %s", (_what, fields, json) => {
    expect(tail(fields)).toBe(json);
  });

  test.each([
    [0n, "1970-01-01T00:00:00Z"],
    [-1n, "1969-12-31T23:59:59.999999999Z"],
    [-SECOND * 62_135_596_800n, "0001-01-01T00:00:00Z"],
    [SECOND * 400_000_000_000n, "9999-12-31T23:59:59.999999999Z"],
  ])("writes the time %i as %s", (mtime, text) => {
    expect(encodeNode({ ...plain, mtime })).toContain(`"mtime":"${text}","atime":"${text}"`);
  });

  it("quotes a name for Go and then for JSON", () => {
    const name = 'a"b\\c\n\xff<' as RawName;
    expect(encodeNode({ ...plain, name })).toContain(
      String.raw`{"name":"a\\\"b\\\\c\\n\\xff\u003c","type"`,
    );
  });
});

describe("encodeTree", () => {
  it("puts nodes in a list with a line end behind", () => {
    expect(encodeTree([]).toString()).toBe('{"nodes":[]}\n');
    expect(encodeTree(['{"a":1}', '{"b":"売"}']).toString()).toBe(
      '{"nodes":[{"a":1},{"b":"売"}]}\n',
    );
  });
});
