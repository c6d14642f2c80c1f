import { type Advice, show } from "./mistakes.ts";
import type { Hours } from "./policy.ts";

export const HOURS_PATTERN =
  "^([01]?[0-9]|2[0-3]):[0-5][0-9]-(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$";
const DAY_MINUTES = 24 * 60;

/** "20:00-07:00"; undefined where the text is no such span, or is the whole day. */
export function parseHours(text: string): Hours | undefined {
  const hours = read(text);
  return hours && !isWholeDay(hours) ? hours : undefined;
}

function read(text: string): Hours | undefined {
  const match = /^(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)$/u.exec(text);
  if (!match) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from < DAY_MINUTES && to <= DAY_MINUTES ? { from, to } : undefined;
}

function isWholeDay({ from, to }: Hours): boolean {
  return from === to % DAY_MINUTES;
}

/** What is wrong with a span of hours; undefined: nothing. */
export function hoursAdvice(text: string): Advice | undefined {
  if (parseHours(text) !== undefined) return undefined;
  const meant = meantHours(text);
  const hours = read(meant);
  if (hours && isWholeDay(hours))
    return {
      what: {
        ja: `「${show(text)}」では一日じゅう送ることになります`,
        en: `"${show(text)}" is the whole day`,
      },
      next: {
        ja: "夜だけ送るなら「between: 20:00-07:00」のように書き、いつでも送るならこの行を消してください",
        en: "To send by night write it like `between: 20:00-07:00`; to send at any hour remove the line",
      },
    };
  return {
    what: {
      ja: `時間帯「${show(text)}」が読めません（半角で 始まり-終わり）`,
      en: `the hours "${show(text)}" cannot be read (begin-end, in hours and minutes)`,
    },
    ...(parseHours(meant) === undefined ? {} : { fix: meant }),
  };
}

/** "20時～7時", "8:00 - 24:00", "20-7" as they were meant. */
function meantHours(text: string): string {
  return text
    .normalize("NFKC")
    .replaceAll(/\s|翌日?/gu, "")
    .replace(/[~〜–—ー−]|から|to/u, "-")
    .replace(/まで$/u, "")
    .replaceAll(
      /(\d{1,2})時(?:(\d{1,2})分)?/gu,
      (_, hour: string, minute = "0") => `${hour}:${minute}`,
    )
    .replaceAll(/(\d+)(?::(\d+))?/gu, (_, hour: string, minute = "0") =>
      [hour.padStart(2, "0"), minute.padStart(2, "0")].join(":"),
    );
}
