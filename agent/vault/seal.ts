import { type Cipheriv, createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { crypto_onetimeauth, crypto_onetimeauth_verify } from "sodium-native";
import type { MasterKey, RandomBytes } from "./master-key.ts";

// A sealed message: IV ‖ AES-256-CTR ciphertext ‖ Poly1305-AES tag of the ciphertext.
export const IV_BYTES = 16;
const TAG_BYTES = 16;
export const SEAL_OVERHEAD = 32;

/**
 * Seals `plain` into `out` from `offset` on, and returns the bytes written. An IV must never serve
 * twice under one key.
 */
export function sealInto(
  key: MasterKey,
  plain: Uint8Array,
  iv: Uint8Array,
  out: Uint8Array,
  offset: number,
): number {
  if (!isUsableIv(iv)) throw new RangeError("an IV is 16 bytes and not all zero");
  const total = plain.length + SEAL_OVERHEAD;
  if (offset + total > out.length) throw new RangeError("the sealed message does not fit");
  const body = out.subarray(offset + IV_BYTES, offset + IV_BYTES + plain.length);
  const tag = out.subarray(offset + total - TAG_BYTES, offset + total);

  body.set(createCipheriv("aes-256-ctr", key.encrypt, iv).update(plain));
  out.set(iv, offset);
  crypto_onetimeauth(tag, body, oneTimeKey(key, iv));
  return total;
}

export function seal(key: MasterKey, plain: Uint8Array, random: RandomBytes = randomBytes): Buffer {
  const out = Buffer.allocUnsafe(plain.length + SEAL_OVERHEAD);
  sealInto(key, plain, random(IV_BYTES), out, 0);
  return out;
}

/** The plaintext; undefined where the message is not authentic. */
export function open(key: MasterKey, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  const iv = sealed.subarray(0, IV_BYTES);
  const body = sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES);
  const tag = sealed.subarray(sealed.length - TAG_BYTES);
  if (!isUsableIv(iv)) return undefined;
  if (!crypto_onetimeauth_verify(tag, body, oneTimeKey(key, iv))) return undefined;
  return createDecipheriv("aes-256-ctr", key.encrypt, iv).update(body);
}

function isUsableIv(iv: Uint8Array): boolean {
  return iv.length === IV_BYTES && iv.some((byte) => byte !== 0);
}

interface MacState {
  readonly cipher: Cipheriv;
  /** r ‖ AES-128_k(IV); the second half is written for each message. */
  readonly oneTimeKey: Buffer;
}

const macStates = new WeakMap<MasterKey, MacState>();

/** The Poly1305 key of one message, valid until the next call (libsodium clamps r itself). */
function oneTimeKey(key: MasterKey, iv: Uint8Array): Buffer {
  let state = macStates.get(key);
  if (!state) {
    // ECB keeps no state between blocks, so one cipher serves all messages of a key.
    const cipher = createCipheriv("aes-128-ecb", key.macK, null).setAutoPadding(false);
    state = { cipher, oneTimeKey: Buffer.concat([key.macR, Buffer.alloc(16)]) };
    macStates.set(key, state);
  }
  state.oneTimeKey.set(state.cipher.update(iv), 16);
  return state.oneTimeKey;
}
