const ZERO = 0x30;
const COLON = 0x3a;
const DASH = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const T = 0x54;
const Z = 0x5a;
/** Length of yyyy-mm-ddThh:mm:ss. */
const DATE_TIME = 19;

/** Whether the bytes are a time that parseTime (rfc3339.ts) takes; a tree has three a file. */
export function isTimeAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= DATE_TIME || !isDate(bytes, start) || bytes[start + 10] !== T) return false;
  if (!isClock(bytes, start + 11)) return false;
  if (bytes[start + 16] !== COLON || twoDigits(bytes, start + 17) > 59) return false;
  let at = start + DATE_TIME;
  if (bytes[at] === POINT) {
    const fraction = at + 1;
    for (at = fraction; isDigit(bytes[at]!);) at++;
    if (at === fraction) return false;
  }
  if (bytes[at] === Z) return at + 1 === end;
  return (bytes[at] === PLUS || bytes[at] === DASH) && isClock(bytes, at + 1) && at + 6 === end;
}

const LAST_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(bytes: Uint8Array, at: number): boolean {
  const century = twoDigits(bytes, at);
  const year = 100 * century + twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  if (bytes[at + 4] !== DASH || bytes[at + 7] !== DASH || year > 9999) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && isLeap ? 29 : (LAST_DAYS[month - 1] ?? 0);
  return day >= 1 && day <= last;
}

/** hh:mm */
function isClock(bytes: Uint8Array, at: number): boolean {
  return twoDigits(bytes, at) <= 23 && bytes[at + 2] === COLON && twoDigits(bytes, at + 3) <= 59;
}

/** 0 to 99; above 9999 where two digits are not there. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? 10 * (tens - ZERO) + ones - ZERO : 1_000_000;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
