import { ID_BYTES } from "./ids.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;

/** 19 digits are below 2^64 in any case. */
const MOST_DIGITS = 19;

/** Value of a lower-case hex digit; 255 for any other byte. */
const HEX = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) HEX[value.toString(16).charCodeAt(0)] = value;

/**
 * Steps over JSON that has the one form in which restic and mikura write it: no white space, fields
 * in a fixed order. A step that meets anything else says so and the caller takes the general way,
 * so this may refuse sound JSON, but must never accept what JSON.parse refuses.
 *
 * An index or a folder of many thousand entries costs a tenth of what objects and strings cost.
 */
export class JsonWalk {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Steps over exactly this text; stays where it is otherwise. */
  skip(literal: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
    this.at = at + literal.length;
    return true;
  }

  /** An id and its closing quote, as bytes into `out`. */
  id(out: Uint8Array, offset: number): boolean {
    const { bytes, at } = this;
    const end = at + 2 * ID_BYTES;
    if (end >= bytes.length || bytes[end] !== QUOTE) return false;
    let strange = 0;
    for (let from = at, to = offset; from < end; from += 2, to++) {
      const high = HEX[bytes[from]!]!;
      const low = HEX[bytes[from + 1]!]!;
      strange |= high | low;
      out[to] = (high << 4) | low;
    }
    this.at = end + 1;
    return strange < 16;
  }

  /** A whole number below 2^64 and without a sign, of any value. */
  digits(): boolean {
    const { bytes, at } = this;
    let end = at;
    while (bytes[end]! >= ZERO && bytes[end]! <= NINE) end++;
    if (end === at || end - at > MOST_DIGITS) return false;
    if (bytes[at] === ZERO && end - at > 1) return false; // no JSON
    this.at = end;
    return true;
  }

  /** A whole number below 2^32, or -1. */
  uint32(): number {
    const from = this.at;
    if (!this.digits() || this.at - from > 10) return -1;
    let value = 0;
    for (let i = from; i < this.at; i++) value = value * 10 + this.bytes[i]! - ZERO;
    return value <= 0xffff_ffff ? value : -1;
  }

  /**
   * A string's rest and its closing quote, where it has no escape in it. The caller makes sure that
   * the bytes are UTF-8.
   */
  text(): boolean {
    const { bytes } = this;
    for (let at = this.at; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (byte === BACKSLASH || byte < 0x20) return false;
    }
    return false;
  }
}

export function literal(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}
