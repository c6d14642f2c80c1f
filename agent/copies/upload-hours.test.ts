import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUploadHours, type HoursOfDay } from "./upload-hours.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Zones, and days on which their clocks change (UTC days around it). */
const CHANGES: readonly (readonly [zone: string, day: string])[] = [
  ["Asia/Tokyo", "2026-03-08"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  ["Europe/London", "2026-03-29"],
  ["Europe/London", "2026-10-25"],
  ["Australia/Lord_Howe", "2026-04-04"],
  ["Australia/Lord_Howe", "2026-10-03"],
  ["Asia/Kathmandu", "2026-06-01"],
  ["Africa/Cairo", "2026-04-24"],
];

function hours(text: string): HoursOfDay {
  const [from = "", to = ""] = text.split("-");
  const minutes = (clock: string): number => {
    const [hour = 0, minute = 0] = clock.split(":").map(Number);
    return hour * 60 + minute;
  };
  return { from: minutes(from), to: minutes(to) };
}

/** What the clock on the wall says, "HH:MM", by another way than the code under test. */
function wall(at: number, timeZone: string): string {
  return new Date(at).toLocaleTimeString("sv-SE", { timeZone, hour: "2-digit", minute: "2-digit" });
}

const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

describe("createUploadHours", () => {
  it.each(CHANGES)("agrees with the clock on the wall, %s %s", (zone, day) => {
    const begin = at(`${day}T00:00:00Z`) - DAY_MS;
    const clock = Array.from({ length: 5 * 24 * 60 }, (_, n) => wall(begin + n * MINUTE_MS, zone));
    const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
    // Near the hours in which clocks change, and anywhere.
    const edge = fc.oneof(minute, fc.integer({ min: 0, max: 4 * 60 }));
    fc.assert(
      fc.property(edge, edge, fc.nat({ max: 2 * 24 * 60 }), (from, to, offset) => {
        fc.pre(from !== to);
        const hours = createUploadHours({ from, to }, zone);
        const [start, end] = [text(from), text(to)];
        const open = (shown: string): boolean =>
          start < end ? start <= shown && shown < end : shown >= start || shown < end;
        const first = (wanted: boolean): number =>
          clock.findIndex((shown, n) => n >= offset && open(shown) === wanted);
        const now = begin + offset * MINUTE_MS;
        expect(hours.isOpen(now)).toBe(open(clock[offset]!));
        expect(iso(hours.opensAt(now))).toBe(iso(begin + first(true) * MINUTE_MS));
        expect(iso(hours.closesAt(now))).toBe(iso(begin + first(false) * MINUTE_MS));
      }),
      { numRuns: 150 },
    );
  });

  it("opens and closes to the millisecond", () => {
    const tokyo = createUploadHours(hours("20:00-07:00"), "Asia/Tokyo");
    const opens = at("2026-05-01T11:00:00Z");
    expect(tokyo.opensAt(opens - 1)).toBe(opens);
    expect([opens - 1, opens].map((time) => tokyo.isOpen(time))).toEqual([false, true]);
    expect(tokyo.opensAt(opens + 123)).toBe(opens + 123);
    const closes = at("2026-05-01T22:00:00Z");
    expect(tokyo.closesAt(opens + 123)).toBe(closes);
    expect([closes - 1, closes].map((time) => tokyo.isOpen(time))).toEqual([true, false]);
    expect(tokyo.closesAt(closes + 1)).toBe(closes + 1);
    expect(tokyo.opensAt(closes)).toBe(opens + DAY_MS);
  });

  it("waits until a skipped hour is over", () => {
    const zone = "America/New_York";
    const spring = createUploadHours(hours("02:30-05:00"), zone);
    expect(iso(spring.opensAt(at("2026-03-08T05:00:00Z")))).toBe("2026-03-08T07:00:00Z"); // 3:00
    const gone = createUploadHours(hours("02:10-02:50"), zone);
    expect(iso(gone.opensAt(at("2026-03-08T05:00:00Z")))).toBe("2026-03-09T06:10:00Z");
  });

  it("opens twice where the hour comes twice", () => {
    const autumn = createUploadHours(hours("20:00-01:30"), "Europe/London");
    const first = at("2026-10-25T00:30:00Z"); // 1:30 summer time
    expect(autumn.closesAt(first - 1)).toBe(first);
    expect(iso(autumn.opensAt(first))).toBe("2026-10-25T01:00:00Z"); // 1:00 again
    expect(iso(autumn.closesAt(at("2026-10-25T01:00:00Z")))).toBe("2026-10-25T01:30:00Z");
  });

  it("knows shifts of half an hour", () => {
    const spring = createUploadHours(hours("02:00-02:30"), "Australia/Lord_Howe");
    expect(iso(spring.opensAt(at("2026-10-03T15:00:00Z")))).toBe("2026-10-04T15:00:00Z");
    const autumn = createUploadHours(hours("01:45-03:00"), "Australia/Lord_Howe");
    const opens = at("2026-04-04T14:45:00Z");
    expect(autumn.opensAt(opens - 1)).toBe(opens);
    expect(iso(autumn.closesAt(opens))).toBe("2026-04-04T15:00:00Z"); // 2:00 becomes 1:30
  });

  it("refuses hours that never begin or end", () => {
    expect(() => createUploadHours({ from: 60, to: 60 }, "UTC")).toThrow(RangeError);
    expect(() => createUploadHours({ from: 0, to: 1440 }, "UTC")).toThrow(RangeError);
  });

  it("refuses an unknown zone", () => {
    expect(() => createUploadHours(hours("20:00-07:00"), "Asia/Tokio")).toThrow(RangeError);
  });
});

function text(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
