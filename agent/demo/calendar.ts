/** A day as "2026-10-31" and a month as "2026-10": they sort as text and belong to no time zone. */
export type Day = string;
export type Month = string;

const DAY_MS = 86_400_000;
const TOKYO_OFFSET_MS = 9 * 3_600_000; // Japan has had no summer time since 1951

/** The day on the wall calendar of the sample company at this instant. */
export function dayInTokyo(instant: Date): Day {
  return new Date(instant.getTime() + TOKYO_OFFSET_MS).toISOString().slice(0, 10);
}

/** The instant at which this day begins in Tokyo. */
export function startInTokyo(day: Day): Date {
  return new Date(utc(day).getTime() - TOKYO_OFFSET_MS);
}

/** The month that lies `count` months after (before, where negative) the month of this day. */
export function monthFrom(day: Day, count: number): Month {
  const date = utc(day);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count))
    .toISOString()
    .slice(0, 7);
}

export function firstDay(month: Month): Day {
  return `${month}-01`;
}

export function lastDay(month: Month): Day {
  return dayAfter(firstDay(monthFrom(firstDay(month), 1)), -1);
}

export function dayAfter(day: Day, count: number): Day {
  return new Date(utc(day).getTime() + count * DAY_MS).toISOString().slice(0, 10);
}

/** This day, or the Monday after it where it is a Saturday or Sunday: banks book no transfers then. */
export function bankDay(day: Day): Day {
  const weekday = utc(day).getUTCDay();
  if (weekday === 6) return dayAfter(day, 2);
  return weekday === 0 ? dayAfter(day, 1) : day;
}

/** The number that a spreadsheet shows as this day: days since 1899-12-30. */
export function spreadsheetDay(day: Day): number {
  return (utc(day).getTime() - Date.UTC(1899, 11, 30)) / DAY_MS;
}

/** "2026年10月31日" */
export function dayInWords(day: Day): string {
  const [year, month, date] = day.split("-").map(Number);
  return `${year}年${month}月${date}日`;
}

function utc(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}
