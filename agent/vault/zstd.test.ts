import { randomBytes } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { compress, decompress } from "./zstd.ts";

const text = Buffer.from("得意先コード,残高\n".repeat(1000));

describe("compress", () => {
  it("makes a frame that decompress gives back, whatever is inside", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(300), (part, times) => {
        const plain = Buffer.concat(Array.from({ length: times % 7 }, () => part));
        expect(decompress(compress(plain), plain.length)).toEqual(plain);
      }),
    );
  });

  it("writes the content size and no checksum, as restic does", () => {
    const frame = compress(text);
    expect(frame.readUInt32LE(0)).toBe(0xfd2fb528);
    const descriptor = frame[4]!;
    expect(descriptor & 0b1110_0000, "content size in 2 bytes, or one segment").not.toBe(0);
    expect(descriptor & 0b0000_0100, "checksum flag").toBe(0);
  });

  test.each([0, 1, 63, 1023, 1024, 1025, 1 << 20])("takes %i bytes that cannot shrink", (n) => {
    const plain = randomBytes(n);
    expect(decompress(compress(plain), n)).toEqual(plain);
  });
});

describe("decompress", () => {
  it("gives nothing where the frame holds more than the limit", () => {
    const frame = compress(text);
    expect(decompress(frame, text.length)).toEqual(text);
    expect(decompress(frame, text.length - 1)).toBeUndefined();
    expect(decompress(frame, 1)).toBeUndefined();
    expect(decompress(frame, 0)).toBeUndefined();
    expect(decompress(compress(Buffer.of(7)), 0)).toBeUndefined();
  });

  it("stops a bomb at the limit", () => {
    const bomb = zstdCompressSync(Buffer.alloc(256 << 20));
    expect(bomb.length).toBeLessThan(16 << 10);
    const before = process.memoryUsage().arrayBuffers;
    expect(decompress(bomb, 1000)).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
  });

  it("takes frames of other writers: checksum, no content size, any level", () => {
    for (const params of [
      { [constants.ZSTD_c_checksumFlag]: 1 },
      { [constants.ZSTD_c_contentSizeFlag]: 0 },
      { [constants.ZSTD_c_compressionLevel]: 19 },
    ]) {
      expect(decompress(zstdCompressSync(text, { params }), text.length)).toEqual(text);
    }
  });

  it("takes an empty content at limit 0", () => {
    expect(decompress(compress(Buffer.alloc(0)), 0)).toEqual(Buffer.alloc(0));
  });

  it("gives nothing for a frame cut anywhere", () => {
    const frame = compress(text);
    for (let end = 1; end < frame.length; end++) {
      expect(decompress(frame.subarray(0, end), text.length), `cut at ${end}`).toBeUndefined();
    }
  });

  test.each([
    ["text", Buffer.from("no frame at all")],
    ["zeros", Buffer.alloc(100)],
    ["a wrong magic number", Buffer.concat([Buffer.of(0x29), compress(text).subarray(1)])],
  ])("gives nothing for %s", (_what, bytes) => {
    expect(decompress(bytes, 1 << 20)).toBeUndefined();
  });
});
