import { type RawName, rawFromText } from "../base/raw-name.ts";
import { strayByte, textOfBytes } from "./go-text.ts";

// Go's strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. Which
// characters are assigned depends on the Unicode version of the Go release (1.19: 13; Node 26: 17):
// a name with a younger character is quoted otherwise than by restic, which both sides can read.
const QUOTED = /["\\]|[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** The name of a tree node: Go's strconv.Quote without the outer quotes. */
export function goQuote(name: RawName): string {
  return textOfBytes(name).replace(QUOTED, quote);
}

function quote(char: string): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0)!;
  if (code >= 0xd800 && code <= 0xdfff) return `\\x${hex(strayByte(char), 2)}`;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

// What Go's strconv.Unquote takes between double quotes, one stretch at a time.
const STRETCH =
  /([^"\\\n]+)|\\(?:([abfnrtv"\\])|([0-3][0-7]{2})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y;
const SHORT_MEANING = new Map(Object.entries(SHORT).map(([char, short]) => [short[1], char]));

/** The bytes that a quoted name stands for, in any quoting that Go accepts; undefined where it is malformed. */
export function goUnquote(text: string): RawName | undefined {
  if (!/["\\\n]/.test(text)) return rawFromText(text);
  let raw = "";
  STRETCH.lastIndex = 0;
  while (STRETCH.lastIndex < text.length) {
    const stretch = STRETCH.exec(text);
    const bytes = stretch && bytesOf(stretch);
    if (bytes === null || bytes === undefined) return undefined;
    raw += bytes;
  }
  return raw as RawName;
}

function bytesOf(stretch: RegExpExecArray): string | undefined {
  const [, literal, short, octal, byte, u4, u8] = stretch;
  if (literal !== undefined) return rawFromText(literal);
  if (short !== undefined) return SHORT_MEANING.get(short);
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
  const code = Number.parseInt(u4 ?? u8 ?? "", 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return rawFromText(String.fromCodePoint(code));
}
