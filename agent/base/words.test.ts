import { describe, expect, test } from "vitest";
import { languageOf, plain } from "./words.ts";

describe("languageOf", () => {
  test.each([
    [{}, "en"],
    [{ LANG: "ja_JP.UTF-8" }, "ja"],
    [{ LANG: "JA" }, "ja"],
    [{ LANG: "C" }, "en"],
    [{ LANG: "en_US.UTF-8", LC_MESSAGES: "ja_JP.UTF-8" }, "ja"],
    [{ LANG: "ja_JP.UTF-8", LC_MESSAGES: "en_US.UTF-8" }, "en"],
    [{ LANG: "en_US", LC_MESSAGES: "en_US", LC_ALL: "ja_JP" }, "ja"],
    [{ LANG: "ja_JP", LC_MESSAGES: "ja_JP", LC_ALL: "C" }, "en"],
    [{ LANG: "ja_JP", LC_ALL: "" }, "ja"],
    [{ LANG: undefined, LC_MESSAGES: "", LC_ALL: undefined }, "en"],
  ])("takes %o for %s", (env, language) => {
    expect(languageOf(env)).toBe(language);
  });
});

test("plain says the same in every language", () => {
  expect(plain("三蔵 1.2 GB")).toEqual({ ja: "三蔵 1.2 GB", en: "三蔵 1.2 GB" });
});
