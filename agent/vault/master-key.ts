import { asObject, parseJsonObject } from "./json-object.ts";

/** Source of random bytes; secrets get `randomBytes` of node:crypto. */
export type RandomBytes = (size: number) => Buffer;

/** The key that seals every file and blob of one vault. Never log or print it. */
export interface MasterKey {
  /** AES-256 key, 32 bytes. */
  readonly encrypt: Buffer;
  /** AES-128 key that turns an IV into the second half of the Poly1305 key, 16 bytes. */
  readonly macK: Buffer;
  /** First half of the Poly1305 key as stored, 16 bytes; clamped where it is used. */
  readonly macR: Buffer;
}

export const MASTER_KEY_BYTES = 64;

export function generateMasterKey(random: RandomBytes): MasterKey {
  const key = masterKeyFromBytes(random(MASTER_KEY_BYTES));
  if (!key) throw new Error("the source of randomness gave zeros");
  return key;
}

/** From `encrypt ‖ macK ‖ macR`, the order in which scrypt's output is used; undefined where a part is all zero. */
export function masterKeyFromBytes(bytes: Buffer): MasterKey | undefined {
  return checked(bytes.subarray(0, 32), bytes.subarray(32, 48), bytes.subarray(48));
}

/** The JSON that a key file holds, sealed with the key of the password. */
export function encodeMasterKey(key: MasterKey): Buffer {
  const text = JSON.stringify({
    mac: { k: key.macK.toString("base64"), r: key.macR.toString("base64") },
    encrypt: key.encrypt.toString("base64"),
  });
  return Buffer.from(text, "utf8");
}

/** Undefined where the JSON is no master key. */
export function decodeMasterKey(json: Uint8Array): MasterKey | undefined {
  const value = parseJsonObject(json);
  const mac = asObject(value?.["mac"]);
  const encrypt = decodeBase64(value?.["encrypt"]);
  const macK = decodeBase64(mac?.["k"]);
  const macR = decodeBase64(mac?.["r"]);
  return encrypt && macK && macR && checked(encrypt, macK, macR);
}

/** Standard padded base64 to bytes. Node decodes garbage without a word, so only the canonical form is taken. */
export function decodeBase64(value: unknown): Buffer | undefined {
  if (typeof value !== "string") return undefined;
  const bytes = Buffer.from(value, "base64");
  return bytes.toString("base64") === value ? bytes : undefined;
}

function checked(encrypt: Buffer, macK: Buffer, macR: Buffer): MasterKey | undefined {
  if (encrypt.length !== 32 || macK.length !== 16 || macR.length !== 16) return undefined;
  // A zeroed part means that a key was never set; restic refuses it too.
  if ([encrypt, macK, macR].some((part) => part.every((byte) => byte === 0))) return undefined;
  return { encrypt, macK, macR };
}
