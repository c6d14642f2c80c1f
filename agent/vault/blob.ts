import { hash } from "node:crypto";
import type { MasterKey } from "./master-key.ts";
import { BLOB, type BlobKind, type PackedBlob, isCompressed } from "./packed.ts";
import { SEAL_OVERHEAD, open } from "./seal.ts";
import { compress, decompressInto } from "./zstd.ts";

/** Below this a zstd frame's own header eats the gain. Bytes. */
const MIN_COMPRESSIBLE = 64;

/** What is sealed for a blob: its zstd frame where that is smaller, else the bytes as they are. */
export function packForm(kind: BlobKind, plain: Uint8Array): { type: number; body: Uint8Array } {
  if (plain.length >= MIN_COMPRESSIBLE) {
    const body = compress(plain);
    if (body.length < plain.length) {
      return { type: kind === "data" ? BLOB.dataZ : BLOB.treeZ, body };
    }
  }
  return { type: kind === "data" ? BLOB.data : BLOB.tree, body: plain };
}

/** Largest blob that is ever opened, a decompression bomb's bound (bytes). */
const MAX_BLOB = 1024 * 1024 * 1024;

/**
 * Opens a sealed blob and proves it: authentic, of the stated length, and its SHA-256 is its id.
 * Undefined where any of that fails. Nothing is believed before its hash is right (promise 4).
 */
export function openBlob(
  key: MasterKey,
  sealed: Uint8Array,
  blob: Pick<PackedBlob, "id" | "type" | "rawLength">,
): Buffer | undefined {
  if (sealed.length < SEAL_OVERHEAD || blob.rawLength > MAX_BLOB) return undefined;
  const body = open(key, sealed);
  const plain = body && isCompressed(blob.type) ? unpack(body, blob.rawLength) : body;
  if (!plain || plain.length !== blob.rawLength) return undefined;
  const id = hash("sha256", plain, "buffer");
  return id.equals(blob.id) ? plain : undefined;
}

function unpack(frame: Uint8Array, rawLength: number): Buffer | undefined {
  const plain = Buffer.allocUnsafe(rawLength);
  return decompressInto(frame, plain) ? plain : undefined;
}
