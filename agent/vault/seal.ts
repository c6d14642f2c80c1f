import { randomBytes, timingSafeEqual } from "node:crypto";
import type { MasterKey, RandomBytes } from "./master-key.ts";
import { type Pointer, openssl } from "./native.ts";

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
  out.set(iv, offset);
  const state = stateOf(key);
  cipher(state, iv, plain, body);
  out.set(tagOf(state, iv, body), offset + total - TAG_BYTES);
  return total;
}

export function seal(key: MasterKey, plain: Uint8Array, random: RandomBytes = randomBytes): Buffer {
  const out = Buffer.allocUnsafe(plain.length + SEAL_OVERHEAD);
  sealInto(key, plain, random(IV_BYTES), out, 0);
  return out;
}

/** Gives memory for so many bytes; what lies in it does not matter. */
export type Room = (length: number) => Buffer;

export const freshRoom: Room = (length) => Buffer.allocUnsafe(length);

/** The plaintext, in memory of `room`; undefined where the message is not authentic. */
export function open(
  key: MasterKey,
  sealed: Uint8Array,
  room: Room = freshRoom,
): Buffer | undefined {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  const iv = sealed.subarray(0, IV_BYTES);
  const body = sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES);
  if (!isUsableIv(iv)) return undefined;
  const state = stateOf(key);
  const tag = sealed.subarray(sealed.length - TAG_BYTES);
  if (!timingSafeEqual(tagOf(state, iv, body), tag)) return undefined;
  const plain = room(body.length);
  cipher(state, iv, body, plain);
  return plain;
}

function isUsableIv(iv: Uint8Array): boolean {
  return iv.length === IV_BYTES && iv.some((byte) => byte !== 0);
}

/** What serves for all messages of one key. OpenSSL's part lives as long as the process. */
interface KeyState {
  readonly ctr: Pointer;
  /** AES-128 with the key k; ECB keeps no state between blocks. */
  readonly ecb: Pointer;
  readonly mac: Pointer;
  /** r ‖ AES-128_k(IV); the second half is written for each message. */
  readonly oneTimeKey: Buffer;
}

const states = new WeakMap<MasterKey, KeyState>();

function stateOf(key: MasterKey): KeyState {
  let state = states.get(key);
  if (!state) {
    state = {
      ctr: openssl.newCipher(),
      ecb: openssl.newCipher(),
      mac: openssl.newMac(openssl.fetchMac(null, "POLY1305", null)),
      oneTimeKey: Buffer.concat([key.macR, Buffer.alloc(16)]),
    };
    must(openssl.encryptInit(state.ctr, openssl.aes256ctr(), null, key.encrypt, null));
    must(openssl.encryptInit(state.ecb, openssl.aes128ecb(), null, key.macK, null));
    states.set(key, state);
  }
  return state;
}

const length = Buffer.alloc(4); // an int that is not looked at: CTR and whole blocks give all
const tag = Buffer.alloc(TAG_BYTES);

/** CTR: the same function encrypts and decrypts. */
function cipher({ ctr }: KeyState, iv: Uint8Array, input: Uint8Array, out: Uint8Array): void {
  must(openssl.encryptInit(ctr, null, null, null, iv));
  if (input.length > 0) must(openssl.encryptUpdate(ctr, out, length, input, input.length));
}

/** Valid until the next call. OpenSSL clamps r itself. */
function tagOf({ ecb, mac, oneTimeKey }: KeyState, iv: Uint8Array, body: Uint8Array): Buffer {
  must(openssl.encryptUpdate(ecb, oneTimeKey.subarray(16), length, iv, IV_BYTES));
  must(openssl.macInit(mac, oneTimeKey, oneTimeKey.length, null));
  must(openssl.macUpdate(mac, body, body.length));
  must(openssl.macFinal(mac, tag, null, TAG_BYTES));
  return tag;
}

function must(result: number): void {
  if (result !== 1) throw new Error("OpenSSL refused a call"); // only where memory has run out
}
