import { ID_BYTES } from "./ids.ts";
import type { MasterKey } from "./master-key.ts";
import { type PackContents, PackedBlobs, blobAt, blobCount, isCompressed } from "./packed.ts";
import { SEAL_OVERHEAD, open, seal } from "./seal.ts";

// Pack = sealed blobs ‖ sealed header ‖ uint32 LE length of the sealed header (restic design).
const PLAIN_ENTRY = 1 + 4 + ID_BYTES;
const COMPRESSED_ENTRY = PLAIN_ENTRY + 4;
const LENGTH_FIELD = 4;
const MAX_HEADER = 16 * 1024 * 1024;

/** The bytes that close a pack: sealed header and its length. */
export function encodeHeader(key: MasterKey, contents: PackContents): Buffer {
  const count = blobCount(contents);
  const plain = Buffer.alloc(count * COMPRESSED_ENTRY);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const blob = blobAt(contents, i);
    at = plain.writeUInt8(blob.type, at);
    at = plain.writeUInt32LE(blob.length, at);
    if (isCompressed(blob.type)) at = plain.writeUInt32LE(blob.rawLength, at);
    plain.set(blob.id, at);
    at += ID_BYTES;
  }
  const sealed = seal(key, plain.subarray(0, at));
  const length = Buffer.alloc(LENGTH_FIELD);
  length.writeUInt32LE(sealed.length);
  return Buffer.concat([sealed, length]);
}

/** Size that a pack with these blobs has: what is shorter or longer was cut or grew. */
export function packSize(contents: PackContents): number {
  let size = SEAL_OVERHEAD + LENGTH_FIELD;
  for (let i = 0; i < blobCount(contents); i++) {
    const { type, length } = blobAt(contents, i);
    size += length + (isCompressed(type) ? COMPRESSED_ENTRY : PLAIN_ENTRY);
  }
  return size;
}

/**
 * Where the sealed header of a pack lies, from the last four bytes.
 * Undefined where that cannot be: the file is no whole pack.
 */
export function headerPart(
  tail: Uint8Array,
  size: number,
): { offset: number; length: number } | undefined {
  if (tail.length < LENGTH_FIELD) return undefined;
  const length = Buffer.from(tail.buffer, tail.byteOffset, tail.length).readUInt32LE(
    tail.length - LENGTH_FIELD,
  );
  const offset = size - LENGTH_FIELD - length;
  if (length < SEAL_OVERHEAD + PLAIN_ENTRY || length > MAX_HEADER || offset < 0) return undefined;
  return { offset, length };
}

/** What the sealed header says; undefined where it is not authentic or makes no sense. */
export function decodeHeader(
  key: MasterKey,
  sealed: Uint8Array,
  pack: { name: string; size: number },
): PackContents | undefined {
  const plain = open(key, sealed);
  if (!plain) return undefined;
  const blobs = new PackedBlobs();
  let offset = 0;
  for (let at = 0; at < plain.length;) {
    const type = plain[at]!;
    const entry = isCompressed(type) ? COMPRESSED_ENTRY : PLAIN_ENTRY;
    if (type > 3 || at + entry > plain.length) return undefined;
    const length = plain.readUInt32LE(at + 1);
    if (length < SEAL_OVERHEAD) return undefined;
    const rawLength = isCompressed(type) ? plain.readUInt32LE(at + 5) : length - SEAL_OVERHEAD;
    const id = plain.subarray(at + entry - ID_BYTES, at + entry);
    blobs.push({ id, type, offset, length, rawLength });
    offset += length;
    at += entry;
  }
  const contents = blobs.contents(pack.name);
  return packSize(contents) === pack.size ? contents : undefined;
}
