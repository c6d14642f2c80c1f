import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { RawName } from "../base/raw-name.ts";
import { decodeIndex } from "./index-file.ts";
import { walkIndex } from "./index-walk.ts";
import { parseTime } from "./rfc3339.ts";
import { isTimeAt } from "./time-walk.ts";
import { encodeNode, encodeTree } from "./tree.ts";
import { treeLinks } from "./tree-links.ts";

// The quick ways through JSON against the general ones. A space in front of the JSON changes nothing
// of what it says and sends it the general way.

const SPACE = Buffer.from(" ");
const generally = (json: Uint8Array): Buffer => Buffer.concat([SPACE, json]);

const hex = (digit: string): string => digit.repeat(64);

/** What a small damage makes of a text: a byte changed, taken out or put in, or a stretch doubled. */
const damage = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("change", "remove", "insert", "double"),
  byte: fc.oneof(
    fc.constantFrom(
      ...Buffer.from(String.raw`"\/,:{}[]-+.eE09Zza AF`),
      0,
      10,
      127,
      128,
      0xe5,
      0xff,
    ),
    fc.nat(255),
  ),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Buffer, damages: readonly Damage[]): Buffer {
  let now = bytes;
  for (const { at, how, byte } of damages) {
    const place = at % (now.length + 1);
    const [before, after] = [now.subarray(0, place), now.subarray(place)];
    if (how === "change") now = Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    else if (how === "remove") now = Buffer.concat([before, after.subarray(1)]);
    else if (how === "insert") now = Buffer.concat([before, Buffer.of(byte), after]);
    else now = Buffer.concat([before, after.subarray(0, byte), after]);
  }
  return now;
}

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe("isTimeAt", () => {
  const agrees = (text: string): void => {
    const bytes = Buffer.from(`"${text}"`);
    expect(isTimeAt(bytes, 1, bytes.length - 1), text).toBe(parseTime(text) !== undefined);
  };
  const two = fc.integer({ min: 0, max: 62 }).map((n) => String(n).padStart(2, "0"));
  const year = fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, "0"));
  const zone = fc.oneof(
    fc.constantFrom("Z", "z", ""),
    fc.tuple(fc.constantFrom("+", "-"), two, two),
  );
  const fraction = fc.constantFrom("", ".", ".0", ".123456789", ".1234567890123", ".x");

  it("takes what parseTime takes", () => {
    const parts = fc.tuple(year, two, two, two, two, two, fraction, zone);
    fc.assert(
      fc.property(parts, ([y, mo, d, h, mi, s, f, z]) => {
        const end = Array.isArray(z) ? `${z[0]}${z[1]}:${z[2]}` : z;
        agrees(`${y}-${mo}-${d}T${h}:${mi}:${s}${f}${end}`);
        agrees(`${y}-${String((Number(mo) % 12) + 1).padStart(2, "0")}-${d}T12:30:00${f}${end}`);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(["2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "0000-02-29", "2026-04-31"])(
    "knows how long months are: %s",
    (date) => agrees(`${date}T00:00:00Z`),
  );

  it("is not led astray by damage", () => {
    const good = Buffer.from("2026-11-21T12:00:00.5+09:00");
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 2 }), (damages) => {
        const text = damaged(good, damages).toString("latin1");
        if (/^[\x20-\x7e]*$/.test(text)) agrees(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("walkIndex", () => {
  const blob = (id: string, type: string, offset: number, more = ""): string =>
    `{"id":"${id}","type":"${type}","offset":${offset},"length":42${more}}`;
  const index = Buffer.from(
    `{"packs":[{"id":"${hex("a")}","blobs":[${blob(hex("1"), "data", 0)},` +
      `${blob(hex("2"), "tree", 42, ',"uncompressed_length":100')}]},` +
      `{"id":"${hex("b")}","blobs":[${blob(hex("3"), "tree", 42)},${blob(hex("4"), "data", 0)}]},` +
      `{"id":"${hex("c")}","blobs":[]}]}\n`,
  );

  it("reads what restic writes, in any order of blobs", () => {
    expect(walkIndex(index)).toEqual(decodeIndex(generally(index)));
    expect(walkIndex(index)).toHaveLength(3);
    expect(walkIndex(Buffer.from('{"packs":[]}'))).toEqual([]);
  });

  it("has room for a pack of many blobs", () => {
    const blobs = Array.from({ length: 5000 }, (_, i) =>
      blob(i.toString(16).padStart(64, "0"), i % 2 ? "data" : "tree", 42 * ((i * 7) % 5000)),
    );
    const many = Buffer.from(`{"packs":[{"id":"${hex("a")}","blobs":[${blobs.join()}]}]}`);
    expect(walkIndex(many)).toEqual(decodeIndex(generally(many)));
  });

  it("never takes or understands otherwise what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const json = damaged(index, damages);
        const walked = walkIndex(json);
        if (walked) expect(walked).toEqual(decodeIndex(generally(json)));
      }),
      { numRuns: 5000 },
    );
  });
});

describe("treeLinks", () => {
  const time = 1_795_318_759_225_958_512n;
  const common = { mode: 420, mtime: time, ctime: time, uid: 0, gid: 10, user: "太郎", group: "g" };
  const numbers = { inode: 2n ** 63n, deviceId: 64_769n, size: 12n, links: 1n };
  const nodes = [
    { name: "..a", type: "file", content: [hex("1"), hex("2")] },
    { name: "b", type: "dir", content: null, subtree: hex("a") },
    { name: "ba", type: "symlink", content: null, linkTarget: "/etc" as RawName },
    { name: "bb", type: "file", content: [] },
    { name: "c", type: "dir", content: null, subtree: hex("b") },
    { name: "\u00e5\u00a3\u00b2", type: "file", content: [hex("3")] },
  ] as const;
  const encoded = nodes.map((node) =>
    encodeNode({ ...common, ...numbers, ...node, name: node.name as RawName }),
  );
  const tree = encodeTree(encoded);
  const links = (json: Uint8Array): unknown => {
    const { contents, subtrees } = treeLinks(json);
    const ids = Buffer.from(subtrees).toString("hex").match(/.{64}/g) ?? [];
    return { contents: Buffer.from(contents).toString("hex"), subtrees: ids.toSorted() };
  };

  it("gives all ids that a folder needs", () => {
    const wanted = { contents: hex("1") + hex("2") + hex("3"), subtrees: [hex("a"), hex("b")] };
    expect(links(tree)).toEqual(wanted);
    expect(links(generally(tree))).toEqual(wanted);
    expect(links(encodeTree([]))).toEqual({ contents: "", subtrees: [] });
  });

  it("takes folders in any order of names, once each", () => {
    expect(links(encodeTree(encoded.toReversed()))).toMatchObject({
      subtrees: [hex("a"), hex("b")],
    });
    for (const twice of encoded)
      expect(() =>
        treeLinks(encodeTree([twice, ...encoded.filter((one) => one !== twice), twice])),
      ).toThrow(expect.objectContaining({ code: "tree-hostile" }));
    expect(() => treeLinks(encodeTree([encoded[0]!, encoded[0]!]))).toThrow("two entries");
  });

  test.each([
    "",
    ".",
    "..",
    "a/b",
    "x".repeat(256),
    String.raw`\\x2e`,
    String.raw`\u0000`,
    "a\u0000",
  ])("judges the name %j as decodeTree does", (name) => {
    const json = Buffer.from(tree.toString().replace('"name":"..a"', `"name":"${name}"`));
    expect(outcome(() => links(json))).toEqual(outcome(() => links(generally(json))));
  });

  it("never takes or understands otherwise what decodeTree reads", () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const json = damaged(tree, damages);
        expect(outcome(() => links(json))).toEqual(outcome(() => links(generally(json))));
      }),
      { numRuns: 5000 },
    );
  });
});
