import stringWidth from "fast-string-width";
import type { Language } from "../base/words.ts";

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** "1.5 GB", in powers of 1000 as disks are sold. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

const STEPS: readonly (readonly [number, string, string])[] = [
  [86_400, "日", "d"],
  [3600, "時間", "h"],
  [60, "分", "min"],
  [1, "秒", "s"],
];

/** "3 d", "3日": the largest unit that fits; below a minute with one decimal. */
export function formatSeconds(seconds: number, language: Language): string {
  const step = STEPS.find(([size]) => seconds >= size) ?? STEPS.at(-1)!;
  const [size, ja, en] = step;
  const value = size === 1 ? seconds.toFixed(1) : String(Math.floor(seconds / size));
  return language === "ja" ? `${value}${ja}` : `${value} ${en}`;
}

export function formatCount(n: number): string {
  return n.toLocaleString("en-US");
}

/** "2026-11-21 19:05" in the policy's time zone. */
export function formatTime(ms: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(ms);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}`;
}

export function formatShare(share: number): string {
  // Rounded down: 100% must mean all.
  return `${Math.floor(share * 100)}%`;
}

/** Columns padded to the widest cell; wide characters take two places. */
export function table(rows: readonly (readonly string[])[], indent = "  "): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((text, i) => (widths[i] = Math.max(widths[i] ?? 0, stringWidth(text))));
  }
  return rows
    .map((row) => {
      const cells = row.map((text, i) =>
        i === row.length - 1 ? text : text + " ".repeat(widths[i]! - stringWidth(text) + 2),
      );
      return indent + cells.join("").trimEnd();
    })
    .join("\n");
}

/** Makes text safe for a terminal: a file name may hold escape sequences. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are the point
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
