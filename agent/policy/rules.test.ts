import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CopyFacts, judgeRules, undeletableNow } from "./rules.ts";

const ORIGINAL = { site: "本社", places: ["pc"] };

function copy(name: string, place: string | undefined, more: Partial<CopyFacts> = {}): CopyFacts {
  return {
    name,
    site: "本社",
    medium: "nas",
    type: "local",
    place: place === undefined ? undefined : { id: place },
    needsInternet: false,
    undeletable: "no",
    ...more,
  };
}

const AWAY = { site: "社長宅", medium: "usb-disk" };
const CLOUD = { site: "東京", medium: "object-storage", needsInternet: true };

function met(...copies: CopyFacts[]): (boolean | undefined)[] {
  return judgeRules(copies, ORIGINAL, {}).map((verdict) => verdict.met);
}

const NO = false;
const YES = true;
const UNKNOWN = undefined;

test.each<[string, CopyFacts[], (boolean | undefined)[]]>([
  ["no copy", [], [NO, NO, NO, NO, NO]],
  ["three on one disk", [copy("a", "d"), copy("b", "d"), copy("c", "d")], [NO, NO, NO, NO, NO]],
  [
    "three devices in one room",
    [copy("a", "d"), copy("b", "e"), copy("c", "f")],
    [YES, NO, NO, NO, NO],
  ],
  [
    "one of three out of reach",
    [copy("a", "d"), copy("b", "e"), copy("c", undefined)],
    [UNKNOWN, NO, NO, NO, NO],
  ],
  [
    "a fourth makes up for it",
    [copy("a", "d"), copy("b", "e"), copy("c", "f"), copy("x", undefined)],
    [YES, NO, NO, NO, NO],
  ],
  ["one of two out of reach", [copy("a", "d"), copy("b", undefined)], [NO, NO, NO, NO, NO]],
  ["a disk elsewhere", [copy("a", "d"), copy("b", "e", AWAY)], [NO, YES, YES, YES, NO]],
  [
    "a disk elsewhere, out of reach",
    [copy("a", "d"), copy("b", undefined, AWAY)],
    [NO, UNKNOWN, UNKNOWN, UNKNOWN, NO],
  ],
  ["only a cloud elsewhere", [copy("a", "d"), copy("b", "e", CLOUD)], [NO, YES, YES, NO, NO]],
  [
    "cloud here, disk elsewhere out of reach",
    [copy("a", "e", CLOUD), copy("b", undefined, AWAY)],
    [NO, UNKNOWN, YES, UNKNOWN, NO],
  ],
  [
    "a server elsewhere, behind the Internet or not",
    [copy("a", "d"), copy("b", "e", { ...AWAY, needsInternet: undefined })],
    [NO, YES, YES, UNKNOWN, NO],
  ],
  [
    "a disk elsewhere makes up for it",
    [copy("a", "d", { ...AWAY, needsInternet: undefined }), copy("b", "e", AWAY)],
    [NO, NO, YES, YES, NO],
  ],
  [
    "a bucket said to be locked",
    [copy("a", "d", { type: "s3", undeletable: "claimed" })],
    [NO, NO, NO, NO, NO],
  ],
  [
    "one device called two media at two sites",
    [copy("a", "d"), copy("b", "d", AWAY)],
    [NO, NO, NO, NO, NO],
  ],
  ["the original's own disk called elsewhere", [copy("a", "pc", AWAY)], [NO, NO, NO, NO, NO]],
  ["a disk that is away", [copy("a", "d", { undeletable: "proved" })], [NO, NO, NO, NO, YES]],
  ["a disk that could be away", [copy("a", "d", { undeletable: "claimed" })], [NO, NO, NO, NO, NO]],
  [
    "all well",
    [copy("a", "d"), copy("b", "e", { ...AWAY, undeletable: "proved" }), copy("c", "f")],
    [YES, YES, YES, YES, YES],
  ],
])("%s", (_, copies, expected) => {
  expect(met(...copies)).toEqual(expected);
});

describe("details", () => {
  const of = (rule: number, ...copies: CopyFacts[]): string => {
    const { ja, en } = judgeRules(copies, ORIGINAL, {})[rule]?.detail ?? { ja: "", en: "" };
    return `${ja} ${en}`;
  };

  test("a copy beside the original counts, with a warning that names it", () => {
    const copies = [copy("a", "pc"), copy("b", "e"), copy("c", "f")];
    expect(met(...copies)[0]).toBe(true);
    expect(of(0, ...copies)).toMatch(/注意：a は元のデータと同じ機器.*beware/u);
  });

  test("R1 names those that share a device and those out of reach", () => {
    const text = of(0, copy("a", "d"), copy("b", "d"), copy("c", undefined));
    expect(text).toContain("a, b は同じ機器にあります");
    expect(text).toContain("out of reach now: c");
  });

  test("R4 says what is not known: whether it takes the Internet, or where the copy is", () => {
    const server = copy("a", "d", { ...AWAY, needsInternet: undefined });
    expect(of(3, server)).toMatch(/a は、インターネットなしで.*a: cannot be told whether/u);
    expect(of(3, { ...server, place: undefined })).toContain("a out of reach");
  });

  test("R5 says to take the disk away, or to try the lock", () => {
    expect(of(4, copy("a", "d", { undeletable: "claimed" }))).toContain("外して持ち出せば");
    const bucket = of(4, copy("a", "d", { undeletable: "claimed", type: "s3" }));
    expect(bucket).not.toContain("外して");
    expect(bucket).toContain("not yet proved by trying: a");
  });
});

test("only a rotating disk that is absent is undeletable", () => {
  expect(undeletableNow(true, false)).toBe("proved");
  expect(undeletableNow(true, true)).toBe("claimed");
  expect(undeletableNow(false, false)).toBe("no");
});

test("a waiver stands beside an unmet rule only, and never makes it met", () => {
  const reasons = { R2: "来期に買う", R3: "金庫で代える" };
  const verdicts = judgeRules([copy("a", "d", AWAY)], ORIGINAL, reasons);
  expect(verdicts.map(({ rule, met, waived }) => [rule, met, waived])).toEqual([
    ["R1", false, undefined],
    ["R2", false, "来期に買う"],
    ["R3", true, undefined],
    ["R4", true, undefined],
    ["R5", false, undefined],
  ]);
});

// Devices that are what they are said to be: a copy in sight may give the lie to another.
const DEVICES = [
  copy("a", "pc", { medium: "disk" }),
  copy("b", "nas"),
  copy("c", "usb", { ...AWAY, undeletable: "proved" }),
  copy("d", "bucket", CLOUD),
  copy("e", "server", { site: "支店" }),
  copy("f", "account", { site: "倉庫", type: "rest", needsInternet: undefined }),
];

test("unknown is never green: losing sight of a copy makes no rule met, and no met rule unmet", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...DEVICES), { maxLength: 5 }),
      fc.nat(4),
      (copies, lost) => {
        const before = met(...copies);
        const after = met(...copies.map((c, at) => (at === lost ? { ...c, place: undefined } : c)));
        for (const [rule, now] of after.entries())
          if (before[rule] === true) expect(now).not.toBe(false);
        for (const [rule, now] of after.entries())
          if (now === true) expect(before[rule]).toBe(true);
      },
    ),
  );
});
