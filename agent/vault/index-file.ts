import { SEAL_OVERHEAD } from "./seal.ts";
import { isId } from "./ids.ts";
import {
  BLOB,
  type PackContents,
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
  const blobs = pack["blobs"];
  if (!Array.isArray(blobs)) return undefined;
  const packed = new PackedBlobs();
  // The order inside a pack is restic's map order: arbitrary.
  for (const blob of (blobs as RawBlob[]).toSorted((a, b) => a.offset - b.offset)) {
    if (!isRecord(blob) || !isId(blob.id) || !isSize(blob.offset) || !isSize(blob.length))
      return undefined;
    if (blob.type !== "data" && blob.type !== "tree") return undefined;
    if (blob.length < SEAL_OVERHEAD) return undefined;
    const raw = blob.uncompressed_length;
    if (raw !== undefined && !isSize(raw)) return undefined;
    const compressed = raw !== undefined && raw !== 0;
    const type =
      blob.type === "data"
        ? compressed
          ? BLOB.dataZ
          : BLOB.data
        : compressed
          ? BLOB.treeZ
          : BLOB.tree;
    packed.push({
      id: Buffer.from(blob.id, "hex"),
      type,
      offset: blob.offset,
      length: blob.length,
      rawLength: compressed ? raw : blob.length - SEAL_OVERHEAD,
    });
  }
  return packed.contents(pack["id"]);
}

interface RawBlob extends Record<string, unknown> {
  readonly id: string;
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly uncompressed_length?: number;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Offsets and lengths are uint32 in the format. */
function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
