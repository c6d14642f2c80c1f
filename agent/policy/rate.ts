import { type Advice, show } from "./mistakes.ts";

export const RATE_PATTERN = "^[1-9][0-9]{0,5}(?:\\.[0-9]{1,3})?(?:[KMG]i?)?B/s$";
const RATE = /^([1-9]\d{0,5}(?:\.\d{1,3})?)(B|KB|KiB|MB|MiB|GB|GiB)\/s$/u;
/** Bytes. As on a disk's box, K is 1000; with an i, 1024. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
};
/** Bytes a second. One object of 16 MiB takes half an hour at this rate: slower, no backup gets through in a night. */
const SLOWEST = 10_000;

/** "2MB/s" to bytes a second; undefined where the text is no rate. */
export function parseRate(text: string): number | undefined {
  const [, number, unit = ""] = RATE.exec(text) ?? [];
  const factor = UNITS[unit];
  return number === undefined || factor === undefined
    ? undefined
    : Math.round(Number(number) * factor);
}

/** What is wrong with a rate; undefined: nothing. */
export function rateAdvice(text: string): Advice | undefined {
  const rate = parseRate(text);
  if (rate !== undefined && rate >= SLOWEST) return undefined;
  if (rate !== undefined)
    return {
      what: {
        ja: `「${show(text)}」は遅すぎて、写しが追いつきません（10KB/s から）`,
        en: `"${show(text)}" is too slow for a copy ever to keep up (10KB/s or more)`,
      },
      next: {
        ja: "「upload: 2MB/s」のように書くか、制限が要らなければこの行を消してください",
        en: "Write it like `upload: 2MB/s`, or remove the line for no limit",
      },
    };
  const fix = meantRate(text);
  return {
    what: {
      ja: `速さ「${show(text)}」が読めません（数字のすぐ後に KB/s、MB/s、GB/s。1024 倍なら KiB/s、MiB/s、GiB/s）`,
      en: `the rate "${show(text)}" cannot be read (a number, then at once KB/s, MB/s or GB/s; in powers of 1024 KiB/s, MiB/s or GiB/s)`,
    },
    ...(fix === undefined ? {} : { fix }),
  };
}

/** "16 Mbps", "2M", "２ＭＢ／秒" as they were meant. A line is sold in bits, so a small b is one. */
function meantRate(text: string): string | undefined {
  const plain = text
    .normalize("NFKC")
    .trim()
    .replaceAll(/[, ]/gu, "")
    .replace(/(?:\/秒|毎秒|ps|\/sec|\/second)$/iu, "/s");
  const [, number, scale = "", binary = "", unit = ""] =
    /^(\d+(?:\.\d+)?)([kmg])?(i)?(bits?|bytes?|b)?(?:\/s)?$/iu.exec(plain) ?? [];
  if (number === undefined || (scale === "" && unit === "")) return undefined;
  const bits = /^bits?$/iu.test(unit) || (unit === "b" && /ps$/iu.test(text.trim()));
  const factor = UNITS[`${scale.toUpperCase()}${binary}B`];
  const bytes = (Number(number) * (factor ?? 1)) / (bits ? 8 : 1);
  if (factor === undefined || !bits) {
    const meant = `${Number(number)}${scale.toUpperCase()}${binary}B/s`;
    return isRate(meant) ? meant : undefined;
  }
  const whole = ["G", "M", "K", ""].find((letter) => bytes >= (UNITS[`${letter}B`] ?? 1)) ?? "";
  const value = Math.round((bytes / (UNITS[`${whole}B`] ?? 1)) * 10) / 10;
  const meant = `${value}${whole}B/s`;
  return isRate(meant) ? meant : undefined;
}

function isRate(text: string): boolean {
  return (parseRate(text) ?? 0) >= SLOWEST;
}
