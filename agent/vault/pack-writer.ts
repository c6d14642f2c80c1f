import { randomFillSync } from "node:crypto";
import { Fault } from "../base/fault.ts";
import { openBlob, packForm, reusedRoom } from "./blob.ts";
import { idOf } from "./ids.ts";
import type { MasterKey } from "./master-key.ts";
import { decodeHeader, encodeHeader, headerPart } from "./pack-header.ts";
import { type BlobKind, type PackContents, PackedBlobs, blobCount } from "./packed.ts";
import { SEAL_OVERHEAD, sealInto } from "./seal.ts";

/** A pack is closed once it has this many bytes (restic's default). */
export const PACK_TARGET: number = 16 * 1024 * 1024;
/** Room for the last blob and the header of an ordinary pack. */
const SLACK = 6 * 1024 * 1024;
/** Buffer for an ordinary pack (bytes). */
export const SLOT_BYTES: number = PACK_TARGET + SLACK;
/** A header of more blobs than this would not fit the slack: very small files close a pack early. */
const MAX_BLOBS = 50_000;

const IV_BYTES = 16;

/** A finished pack: the bytes of the file, and what they hold. */
export interface SealedPack {
  readonly bytes: Buffer;
  readonly contents: PackContents;
}

/** Fills one pack: compresses and seals blobs into a buffer, and opens each again to prove it. */
export class PackWriter {
  readonly #key: MasterKey;
  #bytes: Buffer;
  #size = 0;
  #blobs = new PackedBlobs();

  /** `buffer`: where the pack is built; a larger one is made where it does not fit. */
  constructor(key: MasterKey, buffer: Buffer = Buffer.allocUnsafeSlow(SLOT_BYTES)) {
    this.#key = key;
    this.#bytes = buffer;
  }

  get size(): number {
    return this.#size;
  }

  get full(): boolean {
    return this.#size >= PACK_TARGET || this.#blobs.count >= MAX_BLOBS;
  }

  /** Throws Fault("self-check") where the sealed bytes do not give the plaintext back. */
  add(kind: BlobKind, id: Uint8Array, plain: Uint8Array): void {
    const { type, body } = packForm(kind, plain);
    const length = body.length + SEAL_OVERHEAD;
    this.#reserve(length);
    sealInto(this.#key, body, nextIv(), this.#bytes, this.#size);
    const blob = { id, type, offset: this.#size, length, rawLength: plain.length };
    // Bad memory and codec bugs are real: what cannot be opened now must never reach a copy.
    const sealed = this.#bytes.subarray(this.#size, this.#size + length);
    if (!openBlob(this.#key, sealed, blob, checkRoom)) throw selfCheckFault();
    this.#blobs.push(blob);
    this.#size += length;
  }

  /** Closes the pack. The writer is used up. */
  finish(): SealedPack {
    const header = encodeHeader(this.#key, this.#blobs.contents(""));
    this.#reserve(header.length);
    this.#bytes.set(header, this.#size);
    const size = this.#size + header.length;
    const file = this.#bytes.subarray(0, size);
    const name = idOf(file);
    const part = headerPart(file.subarray(-4), size);
    const contents =
      part &&
      decodeHeader(this.#key, file.subarray(part.offset, part.offset + part.length), {
        name,
        size,
      });
    if (!contents || blobCount(contents) !== this.#blobs.count) throw selfCheckFault();
    return { bytes: file, contents };
  }

  /** A blob larger than the room left (a huge folder's tree) gets a larger buffer. */
  #reserve(length: number): void {
    if (this.#size + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(this.#size + length + SLACK);
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

/** What the self-check opens is looked at and forgotten. */
const checkRoom = reusedRoom();

/** Fresh random bytes for many IVs at once: one call to the system's generator costs as much for one. */
const ivs = Buffer.alloc(IV_BYTES * 256);
let ivsUsed = ivs.length;

function nextIv(): Buffer {
  if (ivsUsed === ivs.length) {
    randomFillSync(ivs);
    ivsUsed = 0;
  }
  ivsUsed += IV_BYTES;
  return ivs.subarray(ivsUsed - IV_BYTES, ivsUsed);
}

function selfCheckFault(): Fault {
  return new Fault("self-check", {
    what: {
      ja: "暗号化した直後のデータを開き直したところ、元と一致しませんでした",
      en: "Data that had just been encrypted did not open to what it was",
    },
    next: {
      ja: "このパソコンのメモリが故障している可能性があります。メモリ診断を行い、別のパソコンで実行してください",
      en: "The memory of this computer may be failing: run a memory test, and use another computer",
    },
  });
}
