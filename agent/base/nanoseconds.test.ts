import * as fc from "fast-check";
import { expect, test } from "vitest";
import { joinSeconds, splitSeconds } from "./nanoseconds.ts";

test.each([
  [0n, [0n, 0n]],
  [1n, [0n, 1n]],
  [-1n, [-1n, 999_999_999n]],
  [-1_000_000_000n, [-1n, 0n]],
  [-1_000_000_001n, [-2n, 999_999_999n]],
  [13_600_000_000_123_456_789n, [13_600_000_000n, 123_456_789n]],
])("splitSeconds(%i) is %o: the rest is never negative", (ns, parts) => {
  expect(splitSeconds(ns)).toEqual(parts);
});

test("joinSeconds gives back what splitSeconds took apart, beyond 64 bits too", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }), (ns) => {
      const [seconds, rest] = splitSeconds(ns);
      expect(rest >= 0n && rest < 1_000_000_000n).toBe(true);
      expect(joinSeconds(seconds, rest)).toBe(ns);
    }),
  );
});
