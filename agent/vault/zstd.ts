import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type ZstdContext, compressContext, decompressContext } from "./zstd-context.ts";

/**
 * Level 1 takes about 60% of the time of level 3 for 5 to 10% more bytes on office files, and the
 * time is what three copies share (docs/performance.md).
 */
const LEVEL = 1;

const MIN_CHUNK = 1024;

/** One context of each kind for a thread; undefined until first used, "none" where Node has none. */
let compressor: ZstdContext | "none" | undefined;
let decompressor: ZstdContext | "none" | undefined;

/** Where a frame is built before it is known how long it is; grows to the largest blob. */
let scratch = Buffer.alloc(0);

/**
 * One zstd frame with its content size, no checksum: the plaintext's SHA-256 is the check. The
 * frame is valid until the next call.
 */
export function compress(plain: Uint8Array): Buffer {
  compressor ??= compressContext(LEVEL) ?? "none";
  const bound = boundOf(plain.length);
  if (compressor !== "none") {
    if (scratch.length < bound) scratch = Buffer.allocUnsafeSlow(bound);
    const size = compressor.run(plain, scratch);
    if (size !== undefined) return scratch.subarray(0, size);
  }
  return zstdCompressSync(plain, {
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
    pledgedSrcSize: plain.length,
    chunkSize: Math.max(MIN_CHUNK, bound), // zlib allocates this up front
  });
}

/** ZSTD_COMPRESSBOUND of zstd.h: no frame of this much input is longer. */
function boundOf(size: number): number {
  return size + (size >>> 8) + (size < 1 << 17 ? ((1 << 17) - size) >>> 11 : 0) + 64;
}

/** The content, or undefined where the frame is broken or holds more than `limit` bytes. */
export function decompress(frame: Uint8Array, limit: number): Buffer | undefined {
  if (limit === 0) {
    const plain = decompress(frame, 1); // zlib takes no limit below 1
    return plain?.length === 0 ? plain : undefined;
  }
  try {
    return zstdDecompressSync(frame, {
      maxOutputLength: limit,
      chunkSize: Math.max(MIN_CHUNK, Math.min(limit, 1 << 24)),
    });
  } catch {
    return undefined; // a broken frame is an expected finding of verify, not an exception
  }
}

/**
 * Opens a frame whose content is known to be `output.length` bytes long, into `output`. False where
 * the frame is broken or holds more or less.
 */
export function decompressInto(frame: Uint8Array, output: Uint8Array): boolean {
  decompressor ??= decompressContext() ?? "none";
  if (decompressor !== "none") return decompressor.run(frame, output) === output.length;
  const plain = decompress(frame, output.length);
  if (plain?.length !== output.length) return false;
  output.set(plain);
  return true;
}
