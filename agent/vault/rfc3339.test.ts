import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatTime, parseTime } from "./rfc3339.ts";

const FIRST = -62_167_219_200_000_000_000n; // 0000-01-01T00:00:00Z
const LAST = 253_402_300_799_999_999_999n;

test.each([
  [0n, "1970-01-01T00:00:00Z"],
  [1n, "1970-01-01T00:00:00.000000001Z"],
  [-1n, "1969-12-31T23:59:59.999999999Z"],
  [1_500_000_000n, "1970-01-01T00:00:01.5Z"],
  [1_774_969_445_123_456_700n, "2026-03-31T15:04:05.1234567Z"],
  [1_774_969_445_000_010_000n, "2026-03-31T15:04:05.00001Z"],
  [FIRST, "0000-01-01T00:00:00Z"],
  [LAST, "9999-12-31T23:59:59.999999999Z"],
])("%d ns is %s", (ns, text) => {
  expect(formatTime(ns)).toBe(text);
  expect(parseTime(text)).toBe(ns);
});

test("beyond four digits of the year it is the nearest instant that can be written", () => {
  expect(formatTime(LAST + 1n)).toBe("9999-12-31T23:59:59.999999999Z");
  expect(formatTime(FIRST - 1n)).toBe("0000-01-01T00:00:00Z");
  expect(formatTime(2n ** 63n * 1_000_000_000n)).toBe("9999-12-31T23:59:59.999999999Z");
});

test("an offset is written, and read as the same instant", () => {
  expect(formatTime(0n, 540)).toBe("1970-01-01T09:00:00+09:00");
  expect(formatTime(0n, -210)).toBe("1969-12-31T20:30:00-03:30");
  expect(parseTime("1970-01-01T09:00:00+09:00")).toBe(0n);
  expect(parseTime("1969-12-31T20:30:00-03:30")).toBe(0n);
});

test("every instant comes back, in any zone", () => {
  const day = 86_400_000_000_000n;
  const instant = fc.bigInt({ min: FIRST + day, max: LAST - day });
  fc.assert(
    fc.property(instant, fc.integer({ min: -840, max: 840 }), (ns, offset) => {
      expect(parseTime(formatTime(ns, offset))).toBe(ns);
    }),
  );
});

test("digits beyond the nanosecond are dropped, as Go does", () => {
  expect(parseTime("1970-01-01T00:00:00.0000000019Z")).toBe(1n);
});

test.each([
  "",
  "1970-01-01",
  "1970-01-01T00:00:00",
  "1970-01-01 00:00:00Z",
  "1970-01-01T00:00:00.Z",
  "1970-01-01T00:00:00z",
  "1970-13-01T00:00:00Z",
  "2026-02-29T00:00:00Z",
  "1970-01-01T24:00:00Z",
  "1970-01-01T23:60:00Z",
  "1970-01-01T23:59:60Z",
  "1970-01-01T00:00:00+24:00",
  "1970-01-01T00:00:00+0900",
  "+11970-01-01T00:00:00Z",
  "1970-01-01T00:00:00Z\n",
])("%j is no time", (text) => {
  expect(parseTime(text)).toBeUndefined();
});
