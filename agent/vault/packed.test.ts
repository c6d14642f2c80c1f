import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { BLOB, PackedBlobs, blobAt, blobCount, isCompressed, kindOf } from "./packed.ts";

test.each([
  ["data", BLOB.data, "data", false],
  ["tree", BLOB.tree, "tree", false],
  ["dataZ", BLOB.dataZ, "data", true],
  ["treeZ", BLOB.treeZ, "tree", true],
] as const)(
  "BLOB.%s is a type of its kind and says whether it is a frame",
  (_name, type, kind, z) => {
    expect(kindOf(type)).toBe(kind);
    expect(isCompressed(type)).toBe(z);
  },
);

test("BLOB has the numbers of the restic format", () => {
  expect(BLOB).toEqual({ data: 0, tree: 1, dataZ: 2, treeZ: 3 });
});

describe("PackedBlobs", () => {
  const size = fc.nat(0xffff_ffff);
  const blob = fc.record({
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    type: fc.nat(3),
    offset: size,
    length: size,
    rawLength: size,
  });

  it("gives back every blob in the order it came", () => {
    fc.assert(
      fc.property(fc.array(blob, { maxLength: 20 }), (blobs) => {
        const packed = new PackedBlobs();
        for (const one of blobs) packed.push(one);
        expect(packed.count).toBe(blobs.length);
        const contents = packed.contents("name");
        expect(contents.pack).toBe("name");
        expect(blobCount(contents)).toBe(blobs.length);
        expect(blobs.map((_, i) => blobAt(contents, i))).toEqual(blobs);
      }),
    );
  });

  it("makes contents that pass to another thread as they are", () => {
    const packed = new PackedBlobs();
    packed.push({ id: randomBytes(32), type: 2, offset: 1, length: 2, rawLength: 3 });
    const contents = packed.contents("ab".repeat(32));
    expect(structuredClone(contents)).toEqual(contents);
  });
});
