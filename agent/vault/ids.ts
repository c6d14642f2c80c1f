import { hash } from "node:crypto";

/** SHA-256 of an object's bytes or of a blob's plaintext, as 64 lower-case hex digits. */
export type Id = string;

export const ID_BYTES = 32;

export function idOf(bytes: Uint8Array): Id {
  return hash("sha256", bytes, "hex");
}

export function isId(text: unknown): text is Id {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}
