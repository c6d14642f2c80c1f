import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RawName, rawFromText } from "../base/raw-name.ts";
import { goQuote, goUnquote } from "./go-quote.ts";

const rawName = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString("latin1") as RawName);

function raw(hex: string): RawName {
  return Buffer.from(hex, "hex").toString("latin1") as RawName;
}

describe("quoting as strconv.Quote does", () => {
  test.each([
    ["売掛金 2026年.csv", "売掛金 2026年.csv"],
    ['a"b\\c', 'a\\"b\\\\c'],
    ["\x07\b\f\n\r\t\v", "\\a\\b\\f\\n\\r\\t\\v"],
    ["\x01\x1f\x7f", "\\x01\\x1f\\x7f"],
    [
      "\u0085\u00a0\u00ad\u200b\u2028\u3000\ufeff",
      "\\u0085\\u00a0\\u00ad\\u200b\\u2028\\u3000\\ufeff",
    ],
    ["\ue000\uffff\u0378", "\\ue000\\uffff\\u0378"],
    ["\u{e0001}\u{10ffff}", "\\U000e0001\\U0010ffff"],
    ["😀 e\u0301 \ufffd '", "😀 e\u0301 \ufffd '"],
  ])("%j", (name, quoted) => {
    expect(goQuote(rawFromText(name))).toBe(quoted);
  });

  test.each([
    ["ff", "\\xff"],
    ["61e38162", "a\\xe3\\x81b"],
    ["eda080", "\\xed\\xa0\\x80"],
    ["c080", "\\xc0\\x80"],
    ["f4908080", "\\xf4\\x90\\x80\\x80"],
    ["e08080", "\\xe0\\x80\\x80"],
    ["f08fbfbf", "\\xf0\\x8f\\xbf\\xbf"],
    ["80e38182ff", "\\x80あ\\xff"],
  ])("bytes that are not UTF-8: %s", (hex, quoted) => {
    expect(goQuote(raw(hex))).toBe(quoted);
  });
});

test("every name of bytes comes back", () => {
  fc.assert(
    fc.property(rawName, (name) => {
      expect(goUnquote(goQuote(name))).toBe(name);
    }),
  );
});

test("every name of text comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const name = rawFromText(text);
      expect(goUnquote(goQuote(name))).toBe(name);
    }),
  );
});

test.each([
  ["\\101\\377\\000", "41ff00"],
  ["\\x41\\xFF", "41ff"],
  ["\\u3042\\U0001F600", "e38182f09f9880"],
  ["\u00a0\u200bあ", "c2a0e2808be38182"],
  ["\x01\t'", "010927"],
  ["", ""],
])("any quoting that Go accepts is read: %j", (quoted, hex) => {
  expect(goUnquote(quoted)).toBe(raw(hex));
});

test.each([
  'a"b',
  "a\nb",
  "\\",
  "\\q",
  "\\'",
  "\\x4",
  "\\xg0",
  "\\X41",
  "\\A",
  "\\400",
  "\\08",
  "\\12",
  "\\u304",
  "\\ud800",
  "\\U0000dfff",
  "\\U00110000",
  "\\UFFFFFFFF",
])("malformed quoting is refused: %j", (quoted) => {
  expect(goUnquote(quoted)).toBeUndefined();
});
