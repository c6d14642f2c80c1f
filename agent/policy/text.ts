import { parseDuration } from "../base/duration.ts";
import { LONGEST } from "./limits.ts";
import { type Advice, show } from "./mistakes.ts";
import { nearest } from "./nearest.ts";

export const NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,31}$";
export const DURATION_PATTERN = "^[1-9][0-9]{0,8}[smhdw]$";
/** Letters; these texts stand in table cells of an A4 page. */
const TEXT_MAX = 200;

/** Names, titles, reasons: any language, one line. */
export function textAdvice(text: string): Advice | undefined {
  if (text.trim() === "")
    return { what: { ja: "何も書かれていません", en: "nothing is written here" } };
  if (/\p{Cc}/u.test(text))
    return {
      what: {
        ja: "改行や目に見えない文字が入っています",
        en: "it holds a line break or an invisible character",
      },
      next: { ja: "1 行で書き直してください", en: "Write it on one line" },
    };
  if (text.length > TEXT_MAX)
    return {
      what: {
        ja: `長すぎます（${text.length} 文字）`,
        en: `it is too long (${text.length} letters)`,
      },
      next: { ja: `${TEXT_MAX} 文字までにしてください`, en: `Keep it within ${TEXT_MAX} letters` },
    };
  return undefined;
}

export function longAdvice(text: string): Advice | undefined {
  if (text.length <= LONGEST) return undefined;
  return {
    what: {
      ja: `長すぎます（${text.length} 文字）`,
      en: `it is too long (${text.length} letters)`,
    },
  };
}

/** Names of datasets and copies, which stand in commands and in snapshots. */
export function nameAdvice(name: string): Advice | undefined {
  if (new RegExp(NAME_PATTERN, "u").test(name)) return undefined;
  const better = name
    .normalize("NFKC")
    .trim()
    .toLowerCase()
    .replaceAll(/[_\s.]+/gu, "-");
  const usable = new RegExp(NAME_PATTERN, "u").test(better);
  return {
    what: {
      ja: `名前「${show(name)}」は使えません（半角の英小文字・数字・ハイフンで 32 文字まで、先頭は英数字）`,
      en: `the name "${show(name)}" cannot be used (small letters a-z, digits and hyphens, 32 at most, the first no hyphen)`,
    },
    next: usable
      ? { ja: `${better}: と書いてください`, en: `Write ${better}:` }
      : {
          ja: "office: や accounts-receivable: のような名前にしてください。日本語の呼び名は title や site に書けます",
          en: "Choose a name such as office: or accounts-receivable:. Names in other letters belong in title or site",
        },
  };
}

export function timezoneAdvice(zone: string): Advice | undefined {
  if (/^[A-Za-z]/u.test(zone) && isZone(zone)) return undefined;
  const near = nearest(zone, Intl.supportedValuesOf("timeZone"));
  return {
    what: {
      ja: `「${show(zone)}」という時間帯はありません`,
      en: `there is no time zone "${show(zone)}"`,
    },
    fix: near ?? "Asia/Tokyo",
  };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
}

const UNIT_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(?:秒|s|secs?|seconds?)$/u, "s"],
  [/^(?:分|m|mins?|minutes?)$/u, "m"],
  [/^(?:時間?|h|hrs?|hours?)$/u, "h"],
  [/^(?:日間?|d|days?)$/u, "d"],
  [/^(?:週間?|w|weeks?)$/u, "w"],
];

export function durationAdvice(text: string): Advice | undefined {
  if (parseDuration(text) !== undefined) return undefined;
  const match = /^(\d+) ?(\D+)$/u.exec(text.normalize("NFKC").trim().toLowerCase());
  const unit = UNIT_WORDS.find(([words]) => words.test(match?.[2] ?? ""))?.[1];
  const meant = `${Number(match?.[1])}${unit}`;
  const what = {
    ja: `期間「${show(text)}」が読めません（数字のすぐ後に単位：m 分、h 時間、d 日、w 週）`,
    en: `the length of time "${show(text)}" cannot be read (a number, then at once a unit: m, h, d or w)`,
  };
  return parseDuration(meant) === undefined ? { what } : { what, fix: meant };
}
