/** A part of each day, in minutes from 00:00 on the clock on the wall; `from` may be after `to`. */
export interface HoursOfDay {
  readonly from: number;
  /** No longer in it; at most 24:00. */
  readonly to: number;
}

/** When a copy may be sent to. All times are milliseconds since 1970-01-01T00:00Z. */
export interface UploadHours {
  isOpen(now: number): boolean;
  /** The first moment from `now` on at which it is open: `now` itself where it is open. */
  opensAt(now: number): number;
  /** The first moment from `now` on at which it is not open: `now` itself where it is closed. */
  closesAt(now: number): number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/**
 * Hours in a time zone. Open is whenever a clock on the wall there shows a time between the two:
 * what a clock change skips is not made up for, and what it repeats counts twice.
 *
 * @throws RangeError for an unknown time zone, and for hours that never begin or end
 */
export function createUploadHours({ from, to }: HoursOfDay, timeZone: string): UploadHours {
  if (from === to || to - from >= DAY_MINUTES)
    throw new RangeError(`Cannot wait for hours from minute ${from} to ${to}`);
  const wallOf = wallClock(timeZone);
  const fromMs = from * MINUTE_MS;
  const toMs = to * MINUTE_MS;

  function isOpen(now: number): boolean {
    const time = wallOf(now) % DAY_MS;
    return from < to ? fromMs <= time && time < toMs : fromMs <= time || time < toMs;
  }

  /** The first moment from `now` on at which `isOpen` is `wanted`; `boundary` is where it becomes so. */
  function next(now: number, wanted: boolean, boundary: number): number {
    let at = now;
    while (isOpen(at) !== wanted) {
      const wall = wallOf(at);
      const due = at + ((boundary - (wall % DAY_MS) + DAY_MS) % DAY_MS);
      const offset = wall - at;
      // Zones change their offset months apart, so there is at most one change on the way.
      at =
        wallOf(due) - due === offset ? due : firstWhere(at, due, (t) => wallOf(t) - t !== offset);
    }
    return at;
  }

  return {
    isOpen,
    opensAt: (now) => next(now, true, fromMs),
    closesAt: (now) => next(now, false, toMs),
  };
}

/** What the clock on the wall shows at a moment, as if it were UTC; milliseconds, exact to the second. */
function wallClock(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
    const [year, month, day] = [part("year"), part("month"), part("day")];
    const whole = Date.UTC(year, month - 1, day, part("hour"), part("minute"), part("second"));
    return whole + (((at % 1000) + 1000) % 1000);
  };
}

/** The first whole moment after `before` and up to `after` at which `holds`; it does so from then on. */
function firstWhere(before: number, after: number, holds: (at: number) => boolean): number {
  let low = before;
  let high = after;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
