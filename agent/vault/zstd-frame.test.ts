import { zstdCompressSync } from "node:zlib";
import { describe, expect, it, test } from "vitest";
import { compress } from "./zstd.ts";
import { statedSize } from "./zstd-frame.ts";

describe("statedSize", () => {
  test.each([0, 1, 255, 256, 257, 65_535, 65_536, 65_791, 65_792, 3_000_000])(
    "reads the size of %d bytes that zstd wrote",
    (size) => {
      expect(statedSize(compress(Buffer.alloc(size, "ab")))).toBe(size);
      expect(statedSize(zstdCompressSync(Buffer.alloc(size), { pledgedSrcSize: size }))).toBe(size);
    },
  );

  it("reads eight bytes, behind a window and the name of a dictionary", () => {
    const head = Buffer.from("28b52ffd", "hex");
    const field = Buffer.from("0000000001000000", "hex");
    expect(statedSize(Buffer.concat([head, Buffer.of(0xe0), field]))).toBe(2 ** 32);
    expect(statedSize(Buffer.concat([head, Buffer.of(0xc3, 0, 1, 2, 3, 4), field]))).toBe(2 ** 32);
  });

  it("says nothing where the frame says nothing, is cut, or is none", () => {
    expect(statedSize(Buffer.from("28b52ffd0058", "hex"))).toBeUndefined();
    expect(statedSize(compress(Buffer.alloc(1000)).subarray(0, 6))).toBeUndefined();
    expect(statedSize(Buffer.from("[]"))).toBeUndefined();
    expect(statedSize(Buffer.from("28b52ffe2001", "hex"))).toBeUndefined();
  });
});
