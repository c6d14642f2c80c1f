import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { decodeIndex, encodeIndex } from "./index-file.ts";
import {
  BLOB,
  type PackContents,
  type PackedBlob,
  PackedBlobs,
  blobAt,
  isCompressed,
} from "./packed.ts";

const hex = (digit: string): string => digit.repeat(64);
const bytes = (text: string): Buffer => Buffer.from(text);

function pack(name: string, blobs: readonly PackedBlob[]): PackContents {
  const packed = new PackedBlobs();
  for (const blob of blobs) packed.push(blob);
  return packed.contents(name);
}

const id = (digit: string): Buffer => Buffer.from(hex(digit), "hex");
const TWO_PACKS = [
  pack(hex("a"), [
    { id: id("1"), type: BLOB.data, offset: 0, length: 42, rawLength: 10 },
    { id: id("2"), type: BLOB.dataZ, offset: 42, length: 100, rawLength: 4_000_000_000 },
  ]),
  pack(hex("b"), [
    { id: id("3"), type: BLOB.tree, offset: 0, length: 32, rawLength: 0 },
    { id: id("4"), type: BLOB.treeZ, offset: 32, length: 60, rawLength: 500 },
  ]),
];

describe("encodeIndex", () => {
  it("writes restic's fields in restic's order and a line end", () => {
    expect(encodeIndex(TWO_PACKS)).toBe(
      `{"packs":[{"id":"${hex("a")}","blobs":[` +
        `{"id":"${hex("1")}","type":"data","offset":0,"length":42},` +
        `{"id":"${hex("2")}","type":"data","offset":42,"length":100,"uncompressed_length":4000000000}]},` +
        `{"id":"${hex("b")}","blobs":[` +
        `{"id":"${hex("3")}","type":"tree","offset":0,"length":32},` +
        `{"id":"${hex("4")}","type":"tree","offset":32,"length":60,"uncompressed_length":500}]}]}\n`,
    );
    expect(encodeIndex([])).toBe('{"packs":[]}\n');
  });
});

describe("decodeIndex", () => {
  const blob = fc
    .record({
      id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      type: fc.nat(3),
      length: fc.integer({ min: 32, max: 100_000 }),
      raw: fc.integer({ min: 1, max: 0xffff_ffff }),
    })
    .map(({ id, type, length, raw }) => ({
      id,
      type,
      length,
      rawLength: isCompressed(type) ? raw : length - 32,
    }));
  const contents = fc
    .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.array(blob, { maxLength: 8 }))
    .map(([name, blobs]) => {
      let offset = 0;
      const placed = blobs.map((one) => ({ ...one, offset: (offset += one.length) - one.length }));
      return pack(Buffer.from(name).toString("hex"), placed);
    });

  it("gives back what encodeIndex wrote", () => {
    fc.assert(
      fc.property(fc.array(contents, { maxLength: 5 }), (packs) => {
        expect(decodeIndex(bytes(encodeIndex(packs)))).toEqual(packs);
      }),
    );
  });

  it("puts blobs that come in any order in the order of their offsets", () => {
    const index = JSON.parse(encodeIndex(TWO_PACKS)) as { packs: { blobs: unknown[] }[] };
    for (const one of index.packs) one.blobs.reverse();
    expect(decodeIndex(bytes(JSON.stringify(index)))).toEqual(TWO_PACKS);
  });

  const one = (fields: object, packFields: object = {}): Buffer => {
    const blob = { id: hex("1"), type: "data", offset: 0, length: 42, ...fields };
    return bytes(JSON.stringify({ packs: [{ id: hex("a"), blobs: [blob], ...packFields }] }));
  };

  it("passes over fields that it does not know", () => {
    const known = decodeIndex(one({}));
    expect(known).toHaveLength(1);
    expect(decodeIndex(one({ later: 1 }, { supersedes: [hex("c")] }))).toEqual(known);
  });

  it("takes an uncompressed_length of 0 for a plain blob", () => {
    const [contents] = decodeIndex(one({ uncompressed_length: 0 }))!;
    expect(blobAt(contents!, 0)).toMatchObject({ type: BLOB.data, rawLength: 10 });
  });

  test.each([
    ["{}", []],
    ['{"packs":null}', []],
    ['{"packs":[]}', []],
    [`{"packs":[{"id":"${hex("a")}","blobs":[]}]}`, [pack(hex("a"), [])]],
  ])("takes %s", (json, packs) => {
    expect(decodeIndex(bytes(json))).toEqual(packs);
  });

  const good = { id: hex("1"), type: "data", offset: 0, length: 42 };
  test.each([
    ["nothing", bytes("")],
    ["half a file", one({}).subarray(0, -5)],
    ["a list", bytes("[]")],
    ["null", bytes("null")],
    ["packs that are no list", bytes('{"packs":{}}')],
    ["a pack that is null", bytes('{"packs":[null]}')],
    ["a pack without blobs", one({}, { blobs: undefined })],
    ["blobs that are no list", one({}, { blobs: { 0: good } })],
    ["a blob that is null", one({}, { blobs: [null] })],
    ["a blob that is null among others", one({}, { blobs: [good, null, good] })],
    ["a blob that is a number", one({}, { blobs: [1, 2] })],
    ["a pack name of 63 digits", one({}, { id: hex("a").slice(1) })],
    ["a pack name in capitals", one({}, { id: hex("A") })],
    ["a pack name that leads away", one({}, { id: `../${hex("a").slice(3)}` })],
    ["a blob id of 65 digits", one({ id: `${hex("1")}1` })],
    ["a blob id that is no text", one({ id: 1 })],
    ["no type", one({ type: undefined })],
    ["an unknown type", one({ type: "index" })],
    ["a type of another object", one({ type: "__proto__" })],
    ["a negative offset", one({ offset: -1 })],
    ["an offset beyond 4 GiB", one({ offset: 2 ** 32 })],
    ["half a byte", one({ offset: 0.5 })],
    ["an offset that is text", one({ offset: "0" })],
    ["a length below the seal", one({ length: 31 })],
    ["no length", one({ length: undefined })],
    ["a negative plaintext length", one({ uncompressed_length: -1 })],
    ["a plaintext length beyond 4 GiB", one({ uncompressed_length: 2 ** 32 })],
    ["a plaintext length that is null", one({ uncompressed_length: null })],
  ])("refuses %s", (_what, json) => {
    expect(decodeIndex(json)).toBeUndefined();
  });

  it("answers to any bytes and any JSON without throwing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json().map(bytes), fc.uint8Array()), (input) => {
        const found = decodeIndex(input);
        expect(found === undefined || Array.isArray(found)).toBe(true);
      }),
    );
    const anyBlobs = fc.array(fc.oneof(fc.jsonValue(), fc.constant(good)), { maxLength: 5 });
    fc.assert(
      fc.property(anyBlobs, (blobs) => {
        const found = decodeIndex(one({}, { blobs }));
        expect(found !== undefined).toBe(blobs.every((blob) => blob === good));
      }),
    );
  });
});
