import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { makeRecoveryCode, readRecoveryCode } from "./recovery-code.ts";

const code = makeRecoveryCode(randomBytes);
const fixed = makeRecoveryCode((size) => Buffer.from(Array.from({ length: size }, (_, i) => i)));

test("seven groups of five letters without look-alikes", () => {
  for (let i = 0; i < 200; i++) {
    expect(makeRecoveryCode(randomBytes)).toMatch(/^[A-HJKMNP-TV-Z]{5}(-[A-HJKMNP-TV-Z]{5}){6}$/);
  }
});

test("the check group is fixed for all time: printed codes depend on it", () => {
  expect(fixed).toBe("ABCDE-FGHJK-MNPQR-STVWX-YZABC-DEFGH-EBWJJ");
});

test("letters are equally likely", () => {
  const seen = new Map<string, number>();
  for (let i = 0; i < 1000; i++) {
    for (const letter of makeRecoveryCode(randomBytes).slice(0, 35).replaceAll("-", "")) {
      seen.set(letter, (seen.get(letter) ?? 0) + 1);
    }
  }
  expect(seen.size).toBe(22);
  // 30,000 letters: 1364 of each, standard deviation 36.
  for (const count of seen.values()) expect(Math.abs(count - 1364)).toBeLessThan(36 * 6);
});

test("bytes that would favour some letters are thrown away", () => {
  const draws = [Buffer.alloc(30, 255), Buffer.alloc(30, 21)];
  expect(makeRecoveryCode(() => draws.shift()!)).toMatch(/^ZZZZZ-/);
});

test.each([
  ["as printed", code],
  ["in lower case without hyphens", code.toLowerCase().replaceAll("-", "")],
  ["with spaces and line breaks", `  ${code.replaceAll("-", " \n")} `],
  ["full width", code.replace(/[A-Z-]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))],
  ["with a Japanese keyboard's long-vowel mark", code.replaceAll("-", "ー")],
  ["with dashes", code.replaceAll("-", " – ")],
])("reads a code %s", (_how, typed) => {
  expect(readRecoveryCode(typed)).toEqual({ code });
});

test("one wrong letter is refused, and its group is named", () => {
  fc.assert(
    fc.property(fc.nat(34), fc.nat(20), (at, shift) => {
      const letters = code.replaceAll("-", "");
      const others = Array.from("ABCDEFGHJKMNPQRSTVWXYZ").filter(
        (letter) => letter !== letters[at],
      );
      const typed = letters.slice(0, at) + others[shift] + letters.slice(at + 1);
      const read = readRecoveryCode(typed);
      expect(read).toMatchObject({ wrong: "check" });
      // One misfit in some ten thousand has a second explanation; then no group is named.
      expect([Math.floor(at / 5) + 1, undefined]).toContain("group" in read && read.group);
    }),
  );
});

test("two neighbours swapped are refused, and their group is named", () => {
  const swapped = fixed.replace("GHJ", "HGJ");
  expect(readRecoveryCode(swapped)).toEqual({ wrong: "check", group: 2 });
});

test("two distant wrong letters are refused without a guess", () => {
  const typed = fixed.replace("ABCDE", "ABCDZ").replace("DEFGH", "DZFGH");
  expect(readRecoveryCode(typed)).toEqual({ wrong: "check", group: undefined });
});

test("the group of a letter that no code has", () => {
  expect(readRecoveryCode(`${code.slice(0, 14)}0${code.slice(15)}`)).toEqual({
    wrong: "letters",
    group: 3,
  });
});

test("the group that is too short or too long, where groups were typed apart", () => {
  expect(readRecoveryCode(code.slice(1))).toEqual({ wrong: "length", group: 1 });
  expect(readRecoveryCode(`${code}A`)).toEqual({ wrong: "length", group: 7 });
  expect(readRecoveryCode(code.slice(1, -1))).toEqual({ wrong: "length", group: undefined });
  expect(readRecoveryCode(code.slice(6))).toEqual({ wrong: "length", group: undefined });
  expect(readRecoveryCode(code.replaceAll("-", "").slice(1))).toEqual({
    wrong: "length",
    group: undefined,
  });
  expect(readRecoveryCode("")).toEqual({ wrong: "length", group: undefined });
});
