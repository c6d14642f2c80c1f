import { createHash } from "node:crypto";

/** One version of a note, as it lies on a server that takes only files named by their SHA-256. */
export interface NoteDocument {
  readonly note: string;
  /** From 1; the highest one is valid. */
  readonly version: number;
  readonly bytes: Buffer;
}

/** Room for a note of MAX_NOTE_BYTES and more, as base64 (bytes). */
export const MAX_DOCUMENT_BYTES: number = 4 * 1024 * 1024;

// Beyond reach of any agent, within reach of a number: a stranger's document cannot end the count.
const MAX_VERSION = 1e12;

export function writeDocument({ note, version, bytes }: NoteDocument): Buffer {
  const document = { mikura: 1, note, version, bytes: bytes.toString("base64") };
  return Buffer.from(`${JSON.stringify(document)}\n`, "utf8");
}

/** `undefined` for what is no document of ours. */
export function readDocument(text: Buffer): NoteDocument | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof document !== "object" || document === null) return undefined;
  const { mikura, note, version, bytes } = document as Record<string, unknown>;
  if (mikura !== 1 || typeof note !== "string" || typeof bytes !== "string") return undefined;
  if (typeof version !== "number" || !Number.isSafeInteger(version)) return undefined;
  if (version < 1 || version > MAX_VERSION) return undefined;
  return { note, version, bytes: Buffer.from(bytes, "base64") };
}

export function documentName(text: Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}
