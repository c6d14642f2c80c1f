import type { Words } from "../base/words.ts";
import { allKeys } from "./keys.ts";
import { show } from "./mistakes.ts";

/** A slip of the keyboard that YAML reads as something else. Lines and columns count from 1. */
export interface Slip {
  readonly line: number;
  readonly column: number;
  /** The key it stands after, where it does. */
  readonly key?: string | undefined;
  readonly what: Words;
  readonly next: Words;
}

const KEY = [...allKeys()].join("|");
// Full-width colon, or a full-width space after the colon, or no space at all after the colon.
const AFTER_KEY = new RegExp(
  String.raw`(^ *(?:- +)?|[{,] *)(${KEY})(：[^\S\n]*|: *\u3000[^\S\n]*|:(?=[^\s,}\]]))`,
  "gu",
);
const INDENT = /^ *[\t\u3000][ \t\u3000]*/u;
const BULLET = /^( *)(?:-\u3000+|-(?=[/"'])|[－・]\s*)/u;

/**
 * Finds slips that an input method for Japanese makes easy, and the text as it was meant. Lines stay
 * where they are, so the rest of the mistakes can be looked for in the mended text. Only for a text
 * known to be wrong: a good text may hold such letters inside quotes.
 */
export function mendTyping(text: string): {
  readonly text: string;
  readonly slips: readonly Slip[];
} {
  const slips: Slip[] = [];
  const lines = text.split("\n").map((source, index) => {
    if (/^\s*#/u.test(source)) return source;
    const found: Omit<Slip, "line">[] = [];
    const mended = source
      .replace(INDENT, (blank) => {
        const column = blank.search(/[\t\u3000]/u) + 1;
        found.push({ column, ...(blank.includes("\t") ? TAB : WIDE_SPACE) });
        return blank.replaceAll(/[\t\u3000]/gu, "  ");
      })
      .replace(BULLET, (_, blank: string) => {
        found.push({ column: blank.length + 1, ...BULLET_SLIP });
        return `${blank}- `;
      })
      .replaceAll(AFTER_KEY, (_, before: string, key: string, mark: string, offset: number) => {
        const words = mark.startsWith("：") ? WIDE_COLON : mark === ":" ? NO_SPACE : WIDE_SPACE;
        found.push({ column: offset + before.length + key.length + 1, key, ...words });
        return `${before}${key}: `;
      });
    slips.push(...found.map((slip) => withLine(slip, index + 1, show(mended.trim()))));
    return mended;
  });
  return { text: lines.join("\n"), slips };
}

function withLine(
  { column, key, what, next }: Omit<Slip, "line">,
  line: number,
  right: string,
): Slip {
  const shown = { ja: `${next.ja}：「${right}」`, en: `${next.en}: \`${right}\`` };
  return { line, column, key, what, next: shown };
}

const TAB = {
  what: { ja: "字下げに Tab（タブ）が使われています", en: "the line is indented with a tab" },
  next: {
    ja: "Tab を消し、半角の空白 2 つずつで字下げしてください",
    en: "Delete the tab and indent with two spaces a step",
  },
};
const WIDE_SPACE = {
  what: { ja: "全角の空白が入っています", en: "there is a full-width space" },
  next: { ja: "半角の空白に打ち直してください", en: "Type an ordinary space instead" },
};
const WIDE_COLON = {
  what: { ja: "コロンが全角（：）です", en: "the colon is full-width (：)" },
  next: { ja: "半角のコロンと空白に打ち直してください", en: "Type an ordinary colon and a space" },
};
const NO_SPACE = {
  what: { ja: "コロンの後に空白がありません", en: "there is no space after the colon" },
  next: { ja: "コロンの後に半角の空白を 1 つ入れてください", en: "Put one space after the colon" },
};
const BULLET_SLIP = {
  what: {
    ja: "一覧の印は、半角の - と半角の空白 1 つです",
    en: "an entry of a list begins with - and an ordinary space",
  },
  next: { ja: "打ち直してください", en: "Type it anew" },
};
