import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  type RawName,
  rawCompare,
  rawFromBytes,
  rawFromText,
  rawJoin,
  rawToBytes,
  rawToExactText,
  rawToText,
} from "./raw-name.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const raw = (hex: string): RawName => rawFromBytes(Buffer.from(hex, "hex"));

describe("rawFromBytes and rawToBytes", () => {
  it("give every byte string back", () => {
    fc.assert(
      fc.property(bytes, (name) => {
        expect(rawToBytes(rawFromBytes(name))).toEqual(name);
      }),
    );
  });

  it("have one character per byte", () => {
    expect(rawFromBytes(Buffer.from("売"))).toHaveLength(3);
  });
});

describe("rawFromText", () => {
  it("gives the UTF-8 bytes, which rawToText and rawToExactText read back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(rawToBytes(rawFromText(text))).toEqual(Buffer.from(text, "utf8"));
        expect(rawToText(rawFromText(text))).toBe(text);
        expect(rawToExactText(rawFromText(text))).toBe(text);
      }),
    );
  });
});

test.each([
  ["61ff62", "a\ufffdb", "a stray byte"],
  ["e5a3", "\ufffd", "a character cut in two"],
  ["c0af", "\ufffd\ufffd", "an overlong slash"],
  ["eda080", "\ufffd\ufffd\ufffd", "a surrogate"],
])("rawToText shows %s as %j, and rawToExactText refuses it: %s", (hex, shown) => {
  expect(rawToText(raw(hex))).toBe(shown);
  expect(rawToExactText(raw(hex))).toBeUndefined();
});

test("rawToExactText keeps a replacement character that is really in the name", () => {
  expect(rawToExactText(rawFromText("a\ufffdb"))).toBe("a\ufffdb");
});

test.each([
  ["", "name", "name"],
  ["/", "name", "/name"],
  ["/srv", "name", "/srv/name"],
  ["srv/", "name", "srv/name"],
  ["\xff", "\xfe", "\xff/\xfe"],
])("rawJoin(%j, %j) is %j", (parent, name, joined) => {
  expect(rawJoin(parent as RawName, name as RawName)).toBe(joined);
});

test("rawCompare orders as the bytes do, where UTF-16 would not", () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(rawCompare(rawFromBytes(a), rawFromBytes(b))).toBe(Buffer.compare(a, b));
    }),
  );
  const emoji = "😀";
  const privateUse = "\ue000";
  expect(emoji < privateUse).toBe(true);
  expect(rawCompare(rawFromText(emoji), rawFromText(privateUse))).toBe(1);
});
