import { type RawName, rawToBytes, rawToExactText } from "../base/raw-name.ts";

// One UTF-8 sequence of two to four bytes (Unicode, table 3-7), or a byte that belongs to none.
const SEQUENCE_OR_STRAY =
  /([\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})|[\x80-\xff]/g;
const STRAY = 0xdc00;

/**
 * Bytes as text without loss: a byte that is not UTF-8 becomes the lone surrogate U+DC00 + byte.
 * Go counts stray bytes one by one where JavaScript's decoders join several into one U+FFFD.
 */
export function textOfBytes(raw: RawName): string {
  return (
    rawToExactText(raw) ??
    raw.replace(SEQUENCE_OR_STRAY, (bytes: string, sequence: string | undefined) =>
      sequence === undefined
        ? String.fromCharCode(STRAY + bytes.charCodeAt(0))
        : rawToBytes(bytes as RawName).toString("utf8"),
    )
  );
}

/** The byte that a lone surrogate of `textOfBytes` stands for. */
export function strayByte(surrogate: string): number {
  return surrogate.charCodeAt(0) - STRAY;
}
