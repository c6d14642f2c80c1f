import { randomBytes } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressContext, decompressContext } from "./zstd-context.ts";

/** The pinned Node has contexts; where a later one has none, zstd.ts is slower, and this says so. */
const compressor = compressContext(1)!;
const opener = decompressContext()!;
const text = Buffer.from("得意先コード,残高\n".repeat(1000));

function frameOf(plain: Uint8Array): Buffer {
  const output = Buffer.alloc(plain.length + 1024);
  return output.subarray(0, compressor.run(plain, output));
}

describe("compressContext", () => {
  it("makes frames that node:zlib opens, one after the other", () => {
    for (const size of [0, 1, 100, 70_000, 3_000_000, 5])
      for (const plain of [randomBytes(size), Buffer.alloc(size, "abc")])
        expect(zstdDecompressSync(frameOf(plain))).toEqual(plain);
  });

  it("gives nothing where the output is too small, and serves again", () => {
    expect(compressor.run(randomBytes(5000), Buffer.alloc(4000))).toBeUndefined();
    expect(zstdDecompressSync(frameOf(text))).toEqual(text);
  });
});

describe("decompressContext", () => {
  const frame = frameOf(text);
  const output = Buffer.alloc(text.length);

  it("opens frames of node:zlib, with and without a checksum", () => {
    for (const checksum of [0, 1]) {
      const params = { [constants.ZSTD_c_checksumFlag]: checksum };
      expect(opener.run(zstdCompressSync(text, { params }), output.fill(0))).toBe(text.length);
      expect(output).toEqual(text);
    }
  });

  it("gives nothing for a frame with more content than the output holds", () => {
    expect(opener.run(frame, Buffer.alloc(text.length - 1))).toBeUndefined();
    expect(opener.run(frame, Buffer.alloc(0))).toBeUndefined();
  });

  it("is not poisoned by frames that are cut or broken", () => {
    for (const wrong of [
      frame.subarray(0, 20),
      frame.subarray(0, -1),
      Buffer.alloc(50, 7),
      Buffer.concat([frame, Buffer.from("more")]),
    ]) {
      const length = opener.run(wrong, output.fill(0));
      expect(length === text.length && wrong.length > frame.length).toBe(false);
      expect(opener.run(frame, output.fill(0))).toBe(text.length);
      expect(output).toEqual(text);
    }
  });
});
