import { ID_BYTES } from "./ids.ts";
import type { MasterKey } from "./master-key.ts";
import { BLOB, type BlobKind, type PackedBlob, isCompressed } from "./packed.ts";
import { type Room, freshRoom, open } from "./seal.ts";
import { sha256Into } from "./sha256.ts";
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
 * `room`: memory for the plaintext.
 */
export function openBlob(
  key: MasterKey,
  sealed: Uint8Array,
  blob: Pick<PackedBlob, "id" | "type" | "rawLength">,
  room: Room = freshRoom,
): Buffer | undefined {
  if (blob.rawLength > MAX_BLOB) return undefined;
  const plain = isCompressed(blob.type)
    ? unpack(open(key, sealed, frameRoom), blob.rawLength, room)
    : open(key, sealed, room);
  if (plain?.length !== blob.rawLength) return undefined;
  sha256Into(proof, plain);
  return proof.equals(blob.id) ? plain : undefined;
}

const proof = Buffer.alloc(ID_BYTES);

function unpack(frame: Uint8Array | undefined, rawLength: number, room: Room): Buffer | undefined {
  if (!frame) return undefined;
  const plain = room(rawLength);
  return decompressInto(frame, plain) ? plain : undefined;
}

/** Larger memory than this is not kept: a blob of this size is a huge folder's tree. Bytes. */
const KEPT = 8 * 1024 * 1024;

/**
 * One piece of memory again and again, for blobs that are done with before the next is opened:
 * fresh memory costs a page fault for every 4 KiB.
 */
export function reusedRoom(): Room {
  let kept = Buffer.alloc(0);
  return (length) => {
    if (length > KEPT) return Buffer.allocUnsafe(length);
    if (length > kept.length) kept = Buffer.allocUnsafeSlow(Math.max(length, 2 * kept.length));
    return kept.subarray(0, length);
  };
}

const frameRoom = reusedRoom();
