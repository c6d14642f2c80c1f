import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type RawName, rawFromText } from "../base/raw-name.ts";
import { goJsonRaw, goJsonString } from "./go-json.ts";

test.each([
  ["plain", '"plain"'],
  ['say "ok" \\', '"say \\"ok\\" \\\\"'],
  ["\n\r\t", '"\\n\\r\\t"'],
  ["\0\x07\b\f\v\x1f\x7f", '"\\u0000\\u0007\\u0008\\u000c\\u000b\\u001f\x7f"'],
  ["<a href='x'>&", "\"\\u003ca href='x'\\u003e\\u0026\""],
  ["\u2028\u2029\u2027", '"\\u2028\\u2029\u2027"'],
  ["売掛金 😀 \u00a0", '"売掛金 😀 \u00a0"'],
  ["lone \ud800 and \udfff", '"lone \\ufffd and \\ufffd"'],
  ["\ufffd", '"\ufffd"'],
])("%j", (text, literal) => {
  expect(goJsonString(text)).toBe(literal);
});

test("every well-formed text reads back as itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(JSON.parse(goJsonString(text))).toBe(text);
    }),
  );
});

test("bytes: each one that is not UTF-8 is one U+FFFD, escaped", () => {
  const bytes = Buffer.from("e38182ffe38180c0af", "hex").toString("latin1") as RawName;
  expect(goJsonRaw(bytes)).toBe('"あ\\ufffd\u3040\\ufffd\\ufffd"');
  expect(goJsonRaw("\xe3\x81" as RawName)).toBe('"\\ufffd\\ufffd"');
  expect(goJsonRaw(rawFromText("\ufffd<"))).toBe('"\ufffd\\u003c"');
});
