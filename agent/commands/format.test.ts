import * as fc from "fast-check";
import stringWidth from "fast-string-width";
import { describe, expect, it, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatSeconds,
  formatShare,
  formatTime,
  table,
  visible,
} from "./format.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [1049, "1.0 KB"],
  [1050, "1.1 KB"],
  [99_449, "99.4 KB"],
  [99_500, "100 KB"],
  [999_499, "999 KB"],
  [999_500, "1.0 MB"],
  [1_500_000_000, "1.5 GB"],
  [2_000_000_000_000, "2.0 TB"],
  [3_000_000_000_000_000, "3000 TB"],
])("formatBytes(%i) is %j", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0.0 s", "0.0秒"],
  [0.25, "0.3 s", "0.3秒"],
  [1, "1.0 s", "1.0秒"],
  [59.9, "59.9 s", "59.9秒"],
  [60, "1 min", "1分"],
  [119.9, "1 min", "1分"],
  [3599, "59 min", "59分"],
  [3600, "1 h", "1時間"],
  [86_399, "23 h", "23時間"],
  [86_400, "1 d", "1日"],
  [35 * 86_400 + 1, "35 d", "35日"],
])("formatSeconds(%d) is %j, %j", (seconds, en, ja) => {
  expect(formatSeconds(seconds, "en")).toBe(en);
  expect(formatSeconds(seconds, "ja")).toBe(ja);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1_234_567, "1,234,567"],
])("formatCount(%i) is %j", (n, text) => {
  expect(formatCount(n)).toBe(text);
});

test.each([
  ["2026-11-21T10:05:59Z", "Asia/Tokyo", "2026-11-21 19:05"],
  ["2026-11-21T15:00:00Z", "Asia/Tokyo", "2026-11-22 00:00"],
  ["2026-11-21T14:59:59Z", "Asia/Tokyo", "2026-11-21 23:59"],
  ["2026-01-01T04:59:00Z", "America/New_York", "2025-12-31 23:59"],
  ["2026-07-01T00:00:00Z", "Europe/Paris", "2026-07-01 02:00"],
  ["1999-12-31T23:59:00Z", "UTC", "1999-12-31 23:59"],
])("formatTime(%s, %s) is %j", (at, zone, text) => {
  expect(formatTime(Date.parse(at), zone)).toBe(text);
});

describe("formatShare", () => {
  test.each([
    [0, "0%"],
    [0.005, "0%"],
    [0.5, "50%"],
    [0.999_999, "99%"],
    [1, "100%"],
  ])("writes %d as %s", (share, text) => {
    expect(formatShare(share)).toBe(text);
  });

  it("says 100% of all and of nothing less", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        expect(formatShare(share) === "100%").toBe(share === 1);
      }),
    );
  });
});

describe("table", () => {
  it("pads by the places that characters take, the last column not at all", () => {
    const rows = [
      ["○", "社長宅", "最新"],
      ["―", "nas", "つながっていません"],
    ];
    expect(table(rows)).toBe("  ○  社長宅  最新\n  ―  nas     つながっていません");
    expect(table([["a", ""]], "")).toBe("a");
    expect(table([])).toBe("");
  });

  it("begins every column at the same place in all rows", () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", "売", "ｱ", "１", "e\u0301", "○", " ", "😀", "が"),
      maxLength: 8,
    });
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, (pairs) => {
        const lines = table(pairs.map(([a, b]) => [a, b, "|"])).split("\n");
        expect(new Set(lines.map((line) => stringWidth(line))).size).toBe(1);
      }),
    );
  });

  it("takes rows of different lengths", () => {
    expect(table([["a"], ["bb", "c"], ["d", "e"]], "")).toBe("a\nbb  c\nd   e");
  });
});

describe("visible", () => {
  test.each([
    ["売掛金 2026.csv", "売掛金 2026.csv"],
    ["a\x1b[2Jb", "a\\x1b[2Jb"],
    ["a\nb\r\tc", "a\\x0ab\\x0d\\x09c"],
    ["a\x00b\x7f", "a\\x00b\\x7f"],
    ["\u009b31m", "\\x9b31m"],
    ["fdp.\u202ecsv", "fdp.\\x202ecsv"],
    ["\u2066x\u2069", "\\x2066x\\x2069"],
    ["a\\b", "a\\b"],
  ])("shows %j as %j", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it("lets no control character through, and changes nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = visible(text);
        expect(/\p{Cc}/u.test(shown)).toBe(false);
        expect(visible(shown)).toBe(shown);
        if (!/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text)) expect(shown).toBe(text);
      }),
    );
  });
});
