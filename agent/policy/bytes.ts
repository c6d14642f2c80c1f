import type { Language, Words } from "../base/words.ts";
import type { Placed } from "./mistakes.ts";

/** Bytes. Far above any real policy, and small enough that no text in it makes the parser slow. */
const SIZE_MAX = 64 * 1024;

interface Decoded {
  /** Undefined where the bytes are no text that can be judged further. */
  readonly text?: string;
  readonly mistakes: readonly Placed[];
}

/** Bytes of a policy file to text. */
export function decodePolicy(bytes: Uint8Array): Decoded {
  if (bytes.length > SIZE_MAX) return { mistakes: [at(1, 1, TOO_LONG)] };
  if (looksUtf16(bytes)) return { mistakes: [at(1, 1, notUtf8("UTF-16"))] };
  const buffer = Buffer.from(bytes);
  const text = buffer.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(buffer)) {
    const before = text.slice(0, firstDifference(text, buffer)).split("\n");
    const [line, column] = [before.length, Array.from(before.at(-1) ?? "").length + 1];
    return { mistakes: [at(line, column, notUtf8(isShiftJis(bytes) ? "Shift_JIS" : undefined))] };
  }
  if (text.startsWith("\uFEFF")) return { text: text.slice(1), mistakes: [at(1, 1, BOM)] };
  return { text, mistakes: [] };
}

/** `language:` of a file that need not be readable otherwise; every encoding of note keeps ASCII recognisable. */
export function languageIn(bytes: Uint8Array): Language | undefined {
  const text = Buffer.from(bytes.subarray(0, SIZE_MAX)).toString("latin1").replaceAll("\0", "");
  const word = /^[^\w#\n]*language[^\w\n#]+(ja|en)\b/mu.exec(text)?.[1];
  return word === "ja" || word === "en" ? word : undefined;
}

function looksUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return bytes.length >= 2 && (first === 0) !== (second === 0);
}

function isShiftJis(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("shift_jis", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Index in `text` of the first letter that does not stand for the bytes it came from. */
function firstDifference(text: string, bytes: Buffer): number {
  let offset = 0;
  let index = 0;
  for (const letter of text) {
    const encoded = Buffer.from(letter, "utf8");
    if (!bytes.subarray(offset, offset + encoded.length).equals(encoded)) break;
    offset += encoded.length;
    index += letter.length;
  }
  return index;
}

function at(line: number, column: number, words: { what: Words; next: Words }): Placed {
  return { line, column, key: "", ...words };
}

const SAVE_AS: Words = {
  ja: "メモ帳なら「名前を付けて保存」の「文字コード」で「UTF-8」（BOM 付きでないもの）を選んで保存し直してください",
  en: "Save it again as UTF-8 (in Notepad: Save As, Encoding: UTF-8, the one without BOM)",
};

const BOM = {
  what: {
    ja: "ファイルの先頭に目に見えない印（BOM）が付いています",
    en: "the file begins with an invisible mark (BOM)",
  },
  next: SAVE_AS,
};

const TOO_LONG = {
  what: {
    ja: "ファイルが大きすぎて、方針書とは思えません（64 KiB まで）",
    en: "the file is too large for a policy (64 KiB at most)",
  },
  next: {
    ja: "ファイルの名前を確かめてください。方針書はふつう 100 行ほどの文章です",
    en: "Check the file's name. A policy is a text of some 100 lines",
  },
};

function notUtf8(encoding: string | undefined): { what: Words; next: Words } {
  return {
    what: {
      ja: `文字コードが UTF-8 ではありません${encoding === undefined ? "" : `（${encoding} のようです）`}`,
      en: `the text is not UTF-8${encoding === undefined ? "" : ` (it looks like ${encoding})`}`,
    },
    next: SAVE_AS,
  };
}
