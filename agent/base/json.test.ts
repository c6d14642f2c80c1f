import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { parseJsonExact } from "./json.ts";

describe("parseJsonExact", () => {
  test.each([
    ['{"inode":18446744073709551615}', { inode: 18_446_744_073_709_551_615n }],
    ['{"n":-9223372036854775808}', { n: -9_223_372_036_854_775_808n }],
    ["[1,9007199254740993]", [1, 9_007_199_254_740_993n]],
    ["[\n  9007199254740993]", [9_007_199_254_740_993n]],
    ["9007199254740993", 9_007_199_254_740_993n],
    [" -9007199254740993", -9_007_199_254_740_993n],
    ['{"n":9007199254740991}', { n: 9_007_199_254_740_991 }],
    ['{"n":9007199254740992}', { n: 9_007_199_254_740_992n }],
    ['{"n":12345678901234567.5}', { n: 12_345_678_901_234_568 }],
    ['{"n":1e20,"m":12345678901234567}', { n: 1e20, m: 12_345_678_901_234_567n }],
    ['{"text":":18446744073709551615"}', { text: ":18446744073709551615" }],
  ])("reads %s without losing a digit", (text, value) => {
    expect(parseJsonExact(text)).toEqual(value);
  });

  it("keeps every integer, wherever it stands and however long it is", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (n) => {
        const [inList, { inObject }, alone] = [
          (parseJsonExact(`[${n}]`) as unknown[])[0],
          parseJsonExact(`{"inObject": ${n}}`) as { inObject: unknown },
          parseJsonExact(String(n)),
        ];
        for (const read of [inList, inObject, alone]) expect(BigInt(read as number)).toBe(n);
      }),
    );
  });

  it("reads everything else as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const widened = (value: unknown): unknown =>
          typeof value === "bigint" ? Number(value) : value;
        const exact: unknown = parseJsonExact(text);
        expect(JSON.stringify(exact, (_key, value) => widened(value))).toBe(
          JSON.stringify(JSON.parse(text)),
        );
      }),
    );
  });

  test.each(["", "{", "[1,]", "{'a':1}", "[18446744073709551615", "nul"])(
    "throws SyntaxError for %j",
    (text) => {
      expect(() => parseJsonExact(text)).toThrow(SyntaxError);
    },
  );
});
