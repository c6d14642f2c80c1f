import { hash, randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { openBlob, packForm } from "./blob.ts";
import { generateMasterKey } from "./master-key.ts";
import { BLOB, type BlobKind } from "./packed.ts";
import { seal } from "./seal.ts";

const key = generateMasterKey(randomBytes);
const idOf = (plain: Uint8Array): Buffer => hash("sha256", plain, "buffer");

/** A blob as a pack has it. */
function sealed(plain: Uint8Array, kind: BlobKind = "data") {
  const { type, body } = packForm(kind, plain);
  return { bytes: seal(key, body), blob: { id: idOf(plain), type, rawLength: plain.length } };
}

describe("packForm", () => {
  const zeros = (n: number): Buffer => Buffer.alloc(n);
  test.each([
    ["data", zeros(0), BLOB.data],
    ["data", zeros(63), BLOB.data],
    ["data", zeros(64), BLOB.dataZ],
    ["tree", zeros(63), BLOB.tree],
    ["tree", zeros(64), BLOB.treeZ],
    ["data", randomBytes(64), BLOB.data],
    ["tree", randomBytes(5000), BLOB.tree],
  ] as const)("makes of %s %o the type %i", (kind, plain, type) => {
    const form = packForm(kind, plain);
    expect(form.type).toBe(type);
    if (type === BLOB.data || type === BLOB.tree) expect(form.body).toBe(plain);
    else expect(form.body.length).toBeLessThan(plain.length);
  });
});

describe("openBlob", () => {
  it("gives back what packForm made, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.constantFrom<BlobKind>("data", "tree"),
        (plain, kind) => {
          const { bytes, blob } = sealed(plain, kind);
          expect(openBlob(key, bytes, blob)).toEqual(Buffer.from(plain));
        },
      ),
    );
  });

  it("refuses a blob with any bit of any byte changed", () => {
    const { bytes, blob } = sealed(Buffer.from("売掛金".repeat(20)));
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        bytes[i]! ^= 1 << bit;
        expect(openBlob(key, bytes, blob), `byte ${i}, bit ${bit}`).toBeUndefined();
        bytes[i]! ^= 1 << bit;
      }
    }
    expect(openBlob(key, bytes, blob)).toHaveLength(180);
  });

  const plain = Buffer.alloc(1000, "abc");
  const { bytes, blob } = sealed(plain);
  const raw = seal(key, plain);
  test.each([
    ["another blob's id", bytes, { ...blob, id: idOf(Buffer.from("another")) }],
    ["a length one too long", bytes, { ...blob, rawLength: 1001 }],
    ["a length one too short", bytes, { ...blob, rawLength: 999 }],
    ["a length of nothing", bytes, { ...blob, rawLength: 0 }],
    ["a length beyond any memory", bytes, { ...blob, rawLength: 2 ** 32 - 1 }],
    ["the type of a plain blob", bytes, { ...blob, type: BLOB.data }],
    ["a plain blob with the type of a frame", raw, { ...blob, type: BLOB.dataZ }],
    ["a plain blob with a wrong length", raw, { ...blob, type: BLOB.data, rawLength: 1001 }],
    ["nothing", Buffer.alloc(0), blob],
    ["31 bytes", bytes.subarray(0, 31), blob],
    ["the head only", bytes.subarray(0, 32), blob],
    ["a byte too few", bytes.subarray(0, -1), blob],
    ["a byte too many", Buffer.concat([bytes, Buffer.of(0)]), blob],
  ])("refuses %s", (_what, sealedBytes, claim) => {
    expect(openBlob(key, sealedBytes, claim)).toBeUndefined();
  });

  it("refuses what another key sealed", () => {
    expect(openBlob(generateMasterKey(randomBytes), bytes, blob)).toBeUndefined();
  });

  it("refuses a frame that holds more than it claims", () => {
    const bomb = seal(key, zstdCompressSync(Buffer.alloc(64 << 20)));
    const claim = { id: idOf(Buffer.alloc(10)), type: BLOB.dataZ, rawLength: 10 };
    expect(openBlob(key, bomb, claim)).toBeUndefined();
  });
});
