const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MINUTE = 60_000_000_000n;
const FIRST = BigInt(Date.parse("0000-01-01T00:00:00.000Z")) * NS_PER_MS;
const LAST = BigInt(Date.parse("9999-12-31T23:59:59.999Z")) * NS_PER_MS + 999_999n;

/**
 * Nanoseconds since 1970 as Go writes a time: RFC 3339, fraction without trailing zeros, "Z" or the
 * offset. The format has four digits for the year: an instant beyond 0000…9999 becomes the nearest.
 */
export function formatTime(ns: bigint, offsetMinutes = 0): string {
  const wanted = ns + BigInt(offsetMinutes) * NS_PER_MINUTE;
  const local = wanted < FIRST ? FIRST : wanted > LAST ? LAST : wanted;
  const seconds = floorDivide(local, NS_PER_SECOND);
  const rest = Number(local - seconds * NS_PER_SECOND);
  return secondsText(Number(seconds)) + fractionText(rest) + zone(offsetMinutes);
}

const DAY_S = 86_400;
const TWO_DIGITS = Array.from({ length: 100 }, (_, n) => digits(n, 2));

/** yyyy-mm-ddThh:mm:ss; a tree has two times a file, and Date takes ten times as long. */
function secondsText(seconds: number): string {
  const day = Math.floor(seconds / DAY_S);
  const second = seconds - day * DAY_S;
  const minute = Math.floor(second / 60);
  const two = (n: number): string => TWO_DIGITS[n]!;
  return `${dayText(day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:${two(second % 60)}`;
}

let lastDay = Number.NaN;
let lastDayText = "";

function dayText(day: number): string {
  if (day !== lastDay) {
    lastDay = day;
    lastDayText = new Date(day * DAY_S * 1000).toISOString().slice(0, 10);
  }
  return lastDayText;
}

function fractionText(ns: number): string {
  return ns === 0 ? "" : `.${digits(ns, 9).replace(/0+$/, "")}`;
}

const RFC3339 =
  /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const ZERO = 0x30;
/** Where the fraction begins, behind its point. */
const FRACTION = 20;

/** Nanoseconds since 1970 of the instant; undefined where the text is no RFC 3339 time. */
export function parseTime(text: string): bigint | undefined {
  if (!RFC3339.test(text)) return undefined;
  const day = daySeconds(text.slice(0, 10));
  if (day === undefined) return undefined;
  const local = day + clockSeconds(text, 11) + twoDigits(text, 17);
  let ns = 0;
  if (text[FRACTION - 1] === ".") {
    let scale = 100_000_000;
    for (let at = FRACTION; scale >= 1 && isDigit(text, at); at++, scale /= 10)
      ns += scale * (text.charCodeAt(at) - ZERO);
  }
  const offset = text.endsWith("Z") ? 0 : clockSeconds(text, text.length - 5);
  const seconds = text.at(-6) === "-" ? local + offset : local - offset;
  return BigInt(seconds) * NS_PER_SECOND + BigInt(ns);
}

let parsedDay = "";
let parsedSeconds: number | undefined;

/** Undefined for a day that is not: Date lets 30 February run over into March. */
function daySeconds(day: string): number | undefined {
  if (day !== parsedDay) {
    const date = new Date(`${day}T00:00:00Z`);
    parsedSeconds = date.getUTCDate() === Number(day.slice(8)) ? date.getTime() / 1000 : undefined;
    parsedDay = day;
  }
  return parsedSeconds;
}

/** Seconds of hh:mm. */
function clockSeconds(text: string, at: number): number {
  return 3600 * twoDigits(text, at) + 60 * twoDigits(text, at + 3);
}

function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO;
}

function isDigit(text: string, at: number): boolean {
  const digit = text.charCodeAt(at) - ZERO;
  return digit >= 0 && digit <= 9;
}

function zone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "Z";
  const size = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? "-" : "+";
  return `${sign}${digits(Math.floor(size / 60), 2)}:${digits(size % 60, 2)}`;
}

function digits(value: bigint | number, width: number): string {
  return String(value).padStart(width, "0");
}

/** BigInt division rounds towards zero, which is upwards before 1970. */
function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return quotient * by > value ? quotient - 1n : quotient;
}
