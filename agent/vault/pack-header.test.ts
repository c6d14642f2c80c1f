import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { generateMasterKey } from "./master-key.ts";
import { decodeHeader, encodeHeader, headerPart, packSize } from "./pack-header.ts";
import { BLOB, type PackContents, type PackedBlob, PackedBlobs, isCompressed } from "./packed.ts";
import { open, seal } from "./seal.ts";

const key = generateMasterKey(randomBytes);
const name = "ab".repeat(32);

function contentsOf(blobs: readonly Omit<PackedBlob, "offset">[]): PackContents {
  const packed = new PackedBlobs();
  let offset = 0;
  for (const blob of blobs) {
    packed.push({ ...blob, offset });
    offset += blob.length;
  }
  return packed.contents(name);
}

/** Decodes the header that stands at the end of a pack with these blobs. */
function decodeTail(tail: Buffer, size: number): PackContents | undefined {
  const part = headerPart(tail.subarray(-4), size);
  const start = part && tail.length - 4 - part.length;
  return part && decodeHeader(key, tail.subarray(start, tail.length - 4), { name, size });
}

const blob = fc
  .record({
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    type: fc.nat(3),
    length: fc.integer({ min: 32, max: 1 << 20 }),
    raw: fc.nat(0xffff_ffff),
  })
  .map(({ id, type, length, raw }) => ({
    id,
    type,
    length,
    rawLength: isCompressed(type) ? raw : length - 32,
  }));

describe("encodeHeader and decodeHeader", () => {
  it("give the blobs back, and packSize is the size of the file", () => {
    fc.assert(
      fc.property(fc.array(blob, { minLength: 1, maxLength: 30 }), (blobs) => {
        const contents = contentsOf(blobs);
        const tail = encodeHeader(key, contents);
        const size = blobs.reduce((sum, { length }) => sum + length, tail.length);
        expect(packSize(contents)).toBe(size);
        expect(decodeTail(tail, size)).toEqual(contents);
        expect(decodeTail(tail, size + 1), "a pack that grew").toBeUndefined();
        expect(decodeTail(tail, size - 1), "a pack that was cut").toBeUndefined();
      }),
    );
  });

  it("have the bytes of the restic design", () => {
    const id = Buffer.alloc(32, 0x5a);
    const tail = encodeHeader(
      key,
      contentsOf([
        { id, type: BLOB.data, length: 42, rawLength: 10 },
        { id, type: BLOB.treeZ, length: 0x01020304, rawLength: 0x0a0b0c0d },
      ]),
    );
    expect(tail.readUInt32LE(tail.length - 4)).toBe(tail.length - 4);
    expect(open(key, tail.subarray(0, -4))?.toString("hex")).toBe(
      `002a000000${"5a".repeat(32)}03040302010d0c0b0a${"5a".repeat(32)}`,
    );
  });
});

describe("decodeHeader", () => {
  const id = "5a".repeat(32);
  const plain = `00 2a000000 ${id}`;
  const sized = (hex: string, size: number): PackContents | undefined =>
    decodeHeader(key, seal(key, Buffer.from(hex.replaceAll(" ", ""), "hex")), { name, size });

  it("takes the entries that the following tests break", () => {
    expect(sized(plain, 42 + 37 + 36)).toBeDefined();
    expect(sized(`02 2a000000 0a000000 ${id}`, 42 + 41 + 36)).toBeDefined();
  });

  test.each([
    ["type 4", `04 2a000000 0a000000 ${id}`, 42 + 41 + 36],
    ["type 255", `ff 2a000000 0a000000 ${id}`, 42 + 41 + 36],
    ["a blob shorter than its seal", `00 1f000000 ${id}`, 31 + 37 + 36],
    ["an entry cut short", `00 2a000000 ${id.slice(2)}`, 42 + 37 + 36],
    ["a compressed entry cut short", `02 2a000000 ${id}`, 42 + 37 + 36],
    ["a byte behind the last entry", `${plain} 00`, 42 + 37 + 36],
    ["entries of a larger pack", plain, 42 + 37 + 35],
    ["entries of a smaller pack", plain, 42 + 37 + 37],
  ])("refuses %s", (_what, hex, size) => {
    expect(sized(hex, size)).toBeUndefined();
  });

  it("refuses a header that is not authentic", () => {
    const sealed = seal(key, Buffer.from(plain.replaceAll(" ", ""), "hex"));
    const size = 42 + 37 + 36;
    for (let i = 0; i < sealed.length; i++) {
      sealed[i]! ^= 1;
      expect(decodeHeader(key, sealed, { name, size }), `byte ${i}`).toBeUndefined();
      sealed[i]! ^= 1;
    }
    expect(decodeHeader(generateMasterKey(randomBytes), sealed, { name, size })).toBeUndefined();
  });
});

describe("headerPart", () => {
  const tail = (length: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(length);
    return bytes;
  };
  const most = 16 << 20;

  test.each([
    ["the smallest pack, 73 bytes, of an empty header space", 69, 73, { offset: 0, length: 69 }],
    ["an ordinary pack", 110, 1000, { offset: 886, length: 110 }],
    ["the longest header", most, most + 104, { offset: 100, length: most }],
    ["a header of no entry", 68, 1000, undefined],
    ["a header of no length", 0, 1000, undefined],
    ["a header longer than the file", 1000, 1003, undefined],
    ["a header as long as the file", 1000, 1004, { offset: 0, length: 1000 }],
    ["a header beyond the cap", most + 1, most + 1000, undefined],
    ["a header of 4 GiB", 0xffff_ffff, 1000, undefined],
  ])("finds in %s", (_what, length, size, part) => {
    expect(headerPart(tail(length), size)).toEqual(part);
  });

  it("finds nothing in a file of less than four bytes", () => {
    expect(headerPart(Buffer.of(1, 2, 3), 3)).toBeUndefined();
  });

  it("reads the last four bytes of a longer tail", () => {
    expect(headerPart(Buffer.concat([Buffer.alloc(7, 0xff), tail(110)]), 1000)?.length).toBe(110);
  });
});
