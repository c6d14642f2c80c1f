import { describe, expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each([
    ["1s", 1],
    ["90m", 5400],
    ["24h", 86_400],
    ["7d", 604_800],
    ["2w", 1_209_600],
    ["999999999w", 999_999_999 * 604_800],
  ])("reads %s as %d seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each([
    ["", "nothing"],
    ["0d", "no time at all"],
    ["07d", "a leading zero"],
    ["7", "no unit"],
    ["d", "no number"],
    ["7D", "a capital"],
    ["7 d", "a space"],
    ["7d ", "a space behind"],
    ["7d\n", "a line end"],
    ["-7d", "a sign"],
    ["1.5h", "a fraction"],
    ["1h30m", "two units"],
    ["1y", "a unit whose length varies"],
    ["1000000000s", "ten digits"],
    ["７d", "a wide digit"],
  ])("refuses %j: %s", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
