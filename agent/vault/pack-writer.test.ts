import { hash, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBlob } from "./blob.ts";
import { idOf } from "./ids.ts";
import { generateMasterKey } from "./master-key.ts";
import { decodeHeader, headerPart, packSize } from "./pack-header.ts";
import { PACK_TARGET, PackWriter, SLOT_BYTES, type SealedPack } from "./pack-writer.ts";
import { type BlobKind, blobAt, blobCount } from "./packed.ts";

const key = generateMasterKey(randomBytes);
const sha256 = (plain: Uint8Array): Buffer => hash("sha256", plain, "buffer");

function packOf(plains: readonly Uint8Array[], buffer?: Buffer): SealedPack {
  const writer = new PackWriter(key, buffer);
  for (const plain of plains) writer.add("data", sha256(plain), plain);
  return writer.finish();
}

/** What a reader finds in a pack file: the header first, then each blob where it says. */
function read({ bytes }: SealedPack): Buffer[] {
  const part = headerPart(bytes.subarray(-4), bytes.length)!;
  const sealed = bytes.subarray(part.offset, part.offset + part.length);
  const contents = decodeHeader(key, sealed, { name: "", size: bytes.length })!;
  return Array.from({ length: blobCount(contents) }, (_, i) => {
    const blob = blobAt(contents, i);
    return openBlob(key, bytes.subarray(blob.offset, blob.offset + blob.length), blob)!;
  });
}

describe("PackWriter", () => {
  it("makes a pack that gives every blob back, and is named by its hash", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 4000 }), { minLength: 1, maxLength: 12 }),
        (plains) => {
          const pack = packOf(plains, Buffer.alloc(64 << 10));
          expect(read(pack)).toEqual(plains.map((plain) => Buffer.from(plain)));
          expect(pack.contents.pack).toBe(idOf(pack.bytes));
          expect(packSize(pack.contents)).toBe(pack.bytes.length);
        },
      ),
    );
  });

  it("builds the pack in the buffer it is given", () => {
    const buffer = Buffer.from(new SharedArrayBuffer(4096));
    const pack = packOf([Buffer.from("in place")], buffer);
    expect(pack.bytes.buffer).toBe(buffer.buffer);
  });

  it("outgrows its buffer by a blob or by the header alone", () => {
    const plain = randomBytes(1000);
    const exact = packOf([plain, plain.subarray(1)]).bytes.length;
    for (const room of [0, 10, 1031, 1032, 1033, 2063, exact - 4, exact - 1, exact]) {
      const buffer = Buffer.alloc(room);
      const pack = packOf([plain, plain.subarray(1)], buffer);
      expect(read(pack), `room for ${room}`).toEqual([plain, plain.subarray(1)]);
      expect(pack.bytes.buffer === buffer.buffer, `room for ${room}`).toBe(room === exact);
    }
  });

  it("takes a blob larger than an ordinary pack and is full then", () => {
    const huge = randomBytes(PACK_TARGET + 7_000_000);
    const writer = new PackWriter(key);
    writer.add("tree", sha256(Buffer.of(1)), Buffer.of(1));
    writer.add("tree", sha256(huge), huge);
    expect(writer.full).toBe(true);
    const pack = writer.finish();
    expect(pack.bytes.length).toBeGreaterThan(SLOT_BYTES);
    expect(read(pack)[1]!.equals(huge)).toBe(true);
  });

  it("is full at 16 MiB of sealed bytes and not a byte before", () => {
    const almost = randomBytes(PACK_TARGET - 33);
    const writer = new PackWriter(key);
    writer.add("data", sha256(almost), almost);
    expect([writer.size, writer.full]).toEqual([PACK_TARGET - 1, false]);
    writer.add("data", sha256(Buffer.alloc(0)), Buffer.alloc(0));
    expect(writer.full).toBe(true);
    const exact = new PackWriter(key);
    exact.add("data", sha256(almost.subarray(1)), almost.subarray(1));
    expect(exact.full).toBe(false);
    const whole = randomBytes(PACK_TARGET - 32);
    const other = new PackWriter(key);
    other.add("data", sha256(whole), whole);
    expect([other.size, other.full]).toEqual([PACK_TARGET, true]);
  });

  it("is full at 50,000 tiny blobs, so that their header fits the slot", () => {
    const buffer = Buffer.alloc(SLOT_BYTES);
    const writer = new PackWriter(key, buffer);
    const plain = Buffer.alloc(4);
    let fullBefore = 0;
    for (let i = 0; i < 50_000; i++) {
      if (writer.full) fullBefore++;
      plain.writeUInt32LE(i);
      writer.add("data", sha256(plain), plain);
    }
    expect([fullBefore, writer.full]).toEqual([0, true]);
    const pack = writer.finish();
    expect(pack.bytes.buffer).toBe(buffer.buffer);
    expect(blobCount(pack.contents)).toBe(50_000);
    expect(read(pack)[49_999]!.readUInt32LE()).toBe(49_999);
  });

  it("seals the same blob differently each time", () => {
    const [a, b] = [packOf([Buffer.from("same")]), packOf([Buffer.from("same")])];
    expect(a.contents.pack).not.toBe(b.contents.pack);
    expect(a.bytes.subarray(0, 16).equals(b.bytes.subarray(0, 16))).toBe(false);
  });

  it.each<BlobKind>(["data", "tree"])(
    "throws self-check for %s that is not what its id says",
    (kind) => {
      const writer = new PackWriter(key);
      expect(() => writer.add(kind, sha256(Buffer.from("x")), Buffer.from("y"))).toThrow(
        expect.objectContaining({ code: "self-check" }),
      );
      expect(writer.size).toBe(0);
    },
  );

  it("throws self-check for a pack of nothing, which no reader would take", () => {
    expect(() => new PackWriter(key).finish()).toThrow(
      expect.objectContaining({ code: "self-check" }),
    );
  });
});
