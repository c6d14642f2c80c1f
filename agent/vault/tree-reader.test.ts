import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type RawName, rawCompare, rawFromText } from "../base/raw-name.ts";
import { type NodeType, type TreeNode, encodeNode, encodeTree } from "./tree.ts";
import { decodeTree } from "./tree-reader.ts";

const ID = "a".repeat(64);
const NS = 1_000_000_000n;

const rawName = fc
  .uint8Array({ minLength: 1, maxLength: 255 })
  .map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll(/[/\0]/g, "_") as RawName)
  .filter((name) => name !== "." && name !== "..");
const id = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat(0xffff_ffff);
const owner = fc.option(fc.string({ minLength: 1, unit: "grapheme" }), { nil: undefined });
const time = fc.bigInt({ min: -62_135_596_800n * NS, max: 253_402_300_799n * NS });

const common = fc.record({
  name: rawName,
  mode: uint32,
  mtime: time,
  ctime: time,
  uid: uint32,
  gid: uint32,
  user: owner,
  group: owner,
  inode: uint64,
  deviceId: uint64,
  links: uint64,
});
const none = { size: 0n, device: 0n, linkTarget: undefined, content: null, subtree: undefined };
const node: fc.Arbitrary<TreeNode> = fc
  .record({
    node: common,
    type: fc.constantFrom<NodeType>("file", "dir", "symlink", "dev", "chardev", "fifo"),
    content: fc.array(id, { maxLength: 3 }),
    size: uint64,
    device: uint64,
    subtree: id,
    target: rawName,
  })
  .map(({ node, type, content, size, device, subtree, target }) => {
    if (type === "file") return { ...none, ...node, type, content, size };
    if (type === "dir") return { ...none, ...node, type, subtree };
    if (type === "symlink") return { ...none, ...node, type, linkTarget: target };
    return { ...none, ...node, type, device };
  });
const folder = fc
  .uniqueArray(node, { selector: ({ name }) => name, maxLength: 6 })
  .map((nodes) => nodes.toSorted((a, b) => rawCompare(a.name, b.name)));

describe("decodeTree", () => {
  it("gives back every node that encodeTree wrote, names of any bytes too", () => {
    fc.assert(
      fc.property(folder, (nodes) => {
        expect(decodeTree(encodeTree(nodes.map(encodeNode)))).toEqual(nodes);
      }),
      { numRuns: 300 },
    );
  });

  it("sorts by raw name, whatever order the tree has", () => {
    fc.assert(
      fc.property(folder, fc.nat(), (nodes, turn) => {
        const at = turn % (nodes.length + 1);
        const turned = [...nodes.slice(at), ...nodes.slice(0, at)].toReversed();
        expect(decodeTree(encodeTree(turned.map(encodeNode)))).toEqual(nodes);
      }),
    );
  });

  const good = {
    name: "ok",
    type: "file",
    mode: 420,
    mtime: "2026-11-21T12:00:00Z",
    ctime: "2026-11-21T12:00:00Z",
    uid: 0,
    gid: 0,
    size: 1,
    content: [ID],
  };
  const tree = (...nodes: unknown[]): Buffer => Buffer.from(JSON.stringify({ nodes }));
  const one = (fields: object): TreeNode => decodeTree(tree({ ...good, ...fields }))[0]!;

  test.each([
    ["no nodes", Buffer.from("{}"), 0],
    ["nodes that are null", Buffer.from('{"nodes":null}'), 0],
    ["no line end", tree(good), 1],
    ["unknown fields", tree({ ...good, extended_attributes: [], later: {} }), 1],
  ])("takes a tree with %s", (_what, blob, count) => {
    expect(decodeTree(blob)).toHaveLength(count);
  });

  it("takes what restic leaves out for nothing", () => {
    expect(one({ content: null }).content).toEqual([]);
    expect(one({ size: undefined, mode: undefined, mtime: undefined })).toMatchObject({
      size: 0n,
      mode: 0,
      mtime: 0n,
      inode: 0n,
      links: 0n,
    });
  });

  it("believes linktarget_raw before linktarget", () => {
    const link = { type: "symlink", linktarget: "a\ufffd", linktarget_raw: "Yf8=" };
    expect(one(link).linkTarget).toBe("a\xff");
    expect(one({ type: "symlink", linktarget: "売" }).linkTarget).toBe(rawFromText("売"));
  });

  test.each([
    ["a name of 255 bytes", { name: "売".repeat(85) }],
    ["a name that only begins with dots", { name: "...", content: [] }],
    ["octal quoting", { name: String.raw`\141\\` }],
    ["a backslash, which is a name on Linux", { name: String.raw`..\\evil` }],
    ["the largest inode", { inode: Number.MAX_SAFE_INTEGER }],
  ])("takes %s", (_what, fields) => {
    expect(one(fields).type).toBe("file");
  });

  const names = [
    ["an empty name", ""],
    ["a dot", "."],
    ["two dots", ".."],
    ["a slash", "x/y"],
    ["a way out", "../evil"],
    ["an absolute path", "/etc/passwd"],
    ["a NUL", "a\0b"],
    ["a slash hidden in hex", String.raw`a\x2fb`],
    ["two dots hidden in hex", String.raw`\x2e\x2e`],
    ["two dots hidden in octal", String.raw`\056\056`],
    ["a slash hidden as a rune", String.raw`a\u002fb`],
    ["a NUL hidden in hex", String.raw`a\x00b`],
    ["256 bytes", "x".repeat(256)],
    ["256 bytes of 86 characters", `${"売".repeat(85)}x`],
    ["a stray quote", 'a"b'],
    ["a backslash at the end", "a\\"],
    ["a line end", "a\nb"],
    ["no text", 7],
    ["nothing", undefined],
  ] as const;
  const bad: readonly (readonly [string, Buffer])[] = [
    ...names.map(([what, name]) => [`a name: ${what}`, tree({ ...good, name })] as const),
    ["nothing at all", Buffer.alloc(0)],
    ["half a tree", tree(good).subarray(0, -3)],
    ["a list", Buffer.from("[]")],
    ["null", Buffer.from("null")],
    ["nodes that are no list", Buffer.from('{"nodes":{"0":1}}')],
    ["a node that is null", tree(null)],
    ["a node that is a list", tree([good])],
    ["two nodes of one name", tree(good, { ...good, name: "between" }, good)],
    ["two nodes of one name, quoted differently", tree(good, { ...good, name: String.raw`o\x6b` })],
    [
      "a link and a folder of one name",
      tree({ ...good, type: "symlink", linktarget: "/etc" }, { ...good, type: "dir", subtree: ID }),
    ],
    ["a type that is unknown", tree({ ...good, type: "door" })],
    ["a type that an object has", tree({ ...good, type: "constructor" })],
    ["no type", tree({ ...good, type: undefined })],
    ["content that is text", tree({ ...good, content: ID })],
    ["content of short ids", tree({ ...good, content: [ID.slice(1)] })],
    ["content with null in it", tree({ ...good, content: [ID, null] })],
    ["a folder without a tree", tree({ ...good, type: "dir" })],
    ["a folder with a path for a tree", tree({ ...good, type: "dir", subtree: "../../config" })],
    ["a link to a number", tree({ ...good, type: "symlink", linktarget: 5 })],
    ["a negative size", tree({ ...good, size: -1 })],
    ["half a byte", tree({ ...good, size: 0.5 })],
    [
      "a size beyond 64 bits",
      Buffer.from(
        `{"nodes":[${JSON.stringify(good).replace('"size":1', '"size":18446744073709551616')}]}`,
      ),
    ],
    [
      "a size without end",
      Buffer.from(`{"nodes":[${JSON.stringify(good).replace('"size":1', '"size":1e999')}]}`),
    ],
    ["a size that is text", tree({ ...good, size: "1" })],
    ["an owner that is null", tree({ ...good, uid: null })],
    ["a time that is none", tree({ ...good, mtime: "yesterday" })],
    ["a 30 February", tree({ ...good, ctime: "2026-02-30T00:00:00Z" })],
  ];
  test.each(bad)("refuses as tree-hostile %s", (_what, blob) => {
    expect(() => decodeTree(blob)).toThrow(expect.objectContaining({ code: "tree-hostile" }));
  });

  it("takes or refuses any JSON, and never throws anything else", () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(good)));
    const wild = fc.dictionary(
      fc.constantFrom(...Object.keys(good), "subtree", "linktarget"),
      value,
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(wild, fc.constant(good), fc.jsonValue()), { maxLength: 3 }),
        (nodes) => {
          try {
            expect(decodeTree(tree(...nodes))).toHaveLength(nodes.length);
          } catch (error) {
            expect(error).toMatchObject({ code: "tree-hostile" });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
