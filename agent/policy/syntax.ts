import type { Words } from "../base/words.ts";
import { show } from "./mistakes.ts";

export interface Problem {
  readonly what: Words;
  readonly next: Words;
}

/** What an error of the YAML parser means, on a given line, for someone who never heard of YAML. */
export function syntaxProblem(code: string, source: string): Problem {
  const line = show(source.trim());
  const { what, next } = BY_CODE[code] ?? UNREADABLE;
  return line === ""
    ? { what, next }
    : { what: { ja: `${what.ja}：「${line}」`, en: `${what.en}: "${line}"` }, next };
}

const UNREADABLE: Problem = {
  what: { ja: "この行が読めません", en: "this line cannot be read" },
  next: {
    ja: "「項目: 値」の形か、字下げがそろっているかを、見本と見比べてください",
    en: "Compare it with an example: is it `key: value`, and is it indented like its neighbours?",
  },
};

const INDENT: Problem = {
  what: {
    ja: "字下げ（行の先頭の空白）がそろっていません",
    en: "the indentation does not match the lines around it",
  },
  next: {
    ja: "同じまとまりの行は、先頭の空白の数を同じにしてください",
    en: "Give the lines of one group the same number of spaces at the beginning",
  },
};

const COLON: Problem = {
  what: {
    ja: "この行か次の行に「: 」（コロンと空白）がありません",
    en: "this line or the next one lacks a colon and a space",
  },
  next: {
    ja: "「項目: 値」の形に直してください。コロンの後には半角の空白が要ります",
    en: "Write it in the form `key: value`, with a space after the colon",
  },
};

const QUOTES: Problem = {
  what: {
    ja: "値の先頭に特別な意味の記号があり、そのままでは読めません",
    en: "the value begins with a sign that has a meaning of its own",
  },
  next: { ja: '値を "" で囲んでください', en: 'Put the value in quotes ""' },
};

const BY_CODE: Readonly<Record<string, Problem>> = {
  BAD_INDENT: INDENT,
  TAB_AS_INDENT: {
    what: { ja: "字下げに Tab（タブ）が使われています", en: "the line is indented with a tab" },
    next: {
      ja: "Tab を消し、半角の空白 2 つずつで字下げしてください",
      en: "Delete the tab and indent with two spaces a step",
    },
  },
  MULTILINE_IMPLICIT_KEY: COLON,
  BLOCK_AS_IMPLICIT_KEY: {
    what: {
      ja: "1 行に「: 」が 2 つあるか、字下げがずれています",
      en: "there are two colons on one line, or its indentation is off",
    },
    next: {
      ja: '値の中に「: 」を使うときは、値を "" で囲んでください。そうでなければ先頭の空白をそろえます',
      en: 'A value that contains a colon goes in quotes ""; otherwise give the line the spaces of its neighbours',
    },
  },
  BLOCK_IN_FLOW: {
    what: {
      ja: "{ } や [ ] の中で、項目の間のコンマが抜けています",
      en: "a comma is missing between the entries in { } or [ ]",
    },
    next: {
      ja: "{ type: local, path: /mnt/nas } のように、コンマと空白で区切ってください",
      en: "Separate them with a comma and a space, as in { type: local, path: /mnt/nas }",
    },
  },
  MISSING_CHAR: {
    what: {
      ja: '閉じる記号（"、]、}）かコロンが足りません',
      en: 'a closing sign (", ] or }) or a colon is missing',
    },
    next: {
      ja: "この行と、すぐ前の行で、記号が組になっているかを確かめてください",
      en: "Look on this line and the ones before it for a sign without its partner",
    },
  },
  BAD_SCALAR_START: QUOTES,
  TAG_RESOLVE_FAILED: QUOTES,
  BAD_DQ_ESCAPE: {
    what: { ja: '"" の中に \\ があります', en: 'there is a \\ inside ""' },
    next: {
      ja: "場所の区切りには / を使ってください",
      en: "Use / to separate the parts of a path",
    },
  },
  RESOURCE_EXHAUSTION: {
    what: {
      ja: "かっこや字下げが深すぎて読めません",
      en: "brackets or indentation go too deep to be read",
    },
    next: UNREADABLE.next,
  },
  MULTIPLE_DOCS: {
    what: { ja: "「---」で 2 つに分かれています", en: "a line --- divides the file in two" },
    next: { ja: "「---」の行を消してください", en: "Remove the line ---" },
  },
};
