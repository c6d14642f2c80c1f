import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/**
 * Level 1 takes about 60% of the time of level 3 for 5 to 10% more bytes on office files, and the
 * time is what three copies share (docs/performance.md).
 */
const LEVEL = 1;

const MIN_CHUNK = 1024;

/** One zstd frame with its content size, no checksum: the plaintext's SHA-256 is the check. */
export function compress(plain: Uint8Array): Buffer {
  return zstdCompressSync(plain, {
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
    pledgedSrcSize: plain.length,
    // The output buffer: zlib allocates one of this size up front, so it must not dwarf a small blob.
    chunkSize: Math.max(MIN_CHUNK, plain.length + (plain.length >>> 8) + 64),
  });
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
