import type { RawName } from "../base/raw-name.ts";
import { textOfBytes } from "./go-text.ts";

// What Go's encoding/json escapes. Backspace and form feed have no short form: Go has written them
// as \b and \f only since 1.22, and trees should come out as restic 0.14 writes them.
// oxlint-disable-next-line no-control-regex -- control characters are the point
const ESCAPED = /[\u0000-\u001f"\\<>&\u2028\u2029]|\p{Surrogate}/gu;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** The JSON string literal of `text`, byte for byte as restic writes it. */
export function goJsonString(text: string): string {
  return `"${text.replace(ESCAPED, escape)}"`;
}

/** The same for bytes that may not be UTF-8, such as a link target. */
export function goJsonRaw(raw: RawName): string {
  return goJsonString(textOfBytes(raw));
}

function escape(char: string): string {
  const code = char.charCodeAt(0);
  // A lone surrogate stands for bytes that are not UTF-8, which Go writes as U+FFFD, escaped.
  const written = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
  return SHORT[char] ?? `\\u${written.toString(16).padStart(4, "0")}`;
}
