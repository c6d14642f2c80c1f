import { SEAL_OVERHEAD } from "./seal.ts";
import { isId } from "./ids.ts";
import { walkIndex } from "./index-walk.ts";
import {
  BLOB,
  type PackContents,
  type PackedBlob,
  PackedBlobs,
  blobAt,
  blobCount,
  isCompressed,
  kindOf,
} from "./packed.ts";

/** The JSON of an index file for these packs, with restic's field order and closing newline. */
export function encodeIndex(packs: readonly PackContents[]): string {
  return `{"packs":[${packs.map(packJson).join(",")}]}\n`;
}

function packJson(contents: PackContents): string {
  const blobs: string[] = [];
  for (let i = 0; i < blobCount(contents); i++) {
    const { id, type, offset, length, rawLength } = blobAt(contents, i);
    const raw = isCompressed(type) ? `,"uncompressed_length":${rawLength}` : "";
    blobs.push(
      `{"id":"${hexOf(id)}","type":"${kindOf(type)}","offset":${offset},"length":${length}${raw}}`,
    );
  }
  return `{"id":"${contents.pack}","blobs":[${blobs.join(",")}]}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** The packs that an index file names; undefined where it is not a sound index. */
export function decodeIndex(json: Uint8Array): PackContents[] | undefined {
  return walkIndex(json) ?? parseIndex(json);
}

function parseIndex(json: Uint8Array): PackContents[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(json).toString("utf8"));
  } catch {
    return undefined;
  }
  if (!isRecord(parsed)) return undefined;
  const packs = parsed["packs"] ?? [];
  if (!Array.isArray(packs)) return undefined;
  const all: PackContents[] = [];
  for (const pack of packs as unknown[]) {
    const contents = decodePack(pack);
    if (!contents) return undefined;
    all.push(contents);
  }
  return all;
}

function decodePack(pack: unknown): PackContents | undefined {
  if (!isRecord(pack) || !isId(pack["id"])) return undefined;
  const blobs: unknown = pack["blobs"];
  if (!Array.isArray(blobs) || !blobs.every(isRawBlob)) return undefined;
  const packed = new PackedBlobs();
  // The order inside a pack is restic's map order: arbitrary.
  for (const blob of blobs.toSorted((a, b) => a.offset - b.offset)) packed.push(decodeBlob(blob));
  return packed.contents(pack["id"]);
}

interface RawBlob {
  readonly id: string;
  readonly type: "data" | "tree";
  readonly offset: number;
  readonly length: number;
  readonly uncompressed_length?: number;
}

function isRawBlob(blob: unknown): blob is RawBlob {
  if (!isRecord(blob) || !isId(blob["id"])) return false;
  if (blob["type"] !== "data" && blob["type"] !== "tree") return false;
  if (!isSize(blob["offset"]) || !isSize(blob["length"])) return false;
  const raw = blob["uncompressed_length"];
  return blob["length"] >= SEAL_OVERHEAD && (raw === undefined || isSize(raw));
}

function decodeBlob(blob: RawBlob): PackedBlob {
  const { offset, length, uncompressed_length: raw = 0 } = blob;
  const types = blob.type === "data" ? [BLOB.data, BLOB.dataZ] : [BLOB.tree, BLOB.treeZ];
  return {
    id: Buffer.from(blob.id, "hex"),
    type: types[raw === 0 ? 0 : 1]!,
    offset,
    length,
    rawLength: raw === 0 ? length - SEAL_OVERHEAD : raw,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Offsets and lengths are uint32 in the format. */
function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
