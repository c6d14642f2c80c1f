import { ID_BYTES } from "./ids.ts";
import { type Pointer, openssl } from "./native.ts";

let type: Pointer | undefined;

/**
 * SHA-256 of `bytes` into the first 32 bytes of `out`. For the blobs of small files: a result of
 * node:crypto is memory of its own for each, which costs as much as hashing 2 KB.
 */
export function sha256Into(out: Uint8Array, bytes: Uint8Array): void {
  if (out.length < ID_BYTES) throw new RangeError("a SHA-256 has 32 bytes");
  type ??= openssl.fetchDigest(null, "SHA256", null);
  if (openssl.digest(bytes, bytes.length, out, null, type, null) !== 1)
    throw new Error("OpenSSL refused to hash"); // only where memory has run out
}
