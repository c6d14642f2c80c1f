import type { z } from "zod";
import { plain, type Words } from "../base/words.ts";
import { correctLine, exampleLine, keysUnder, schemaAt } from "./keys.ts";
import { isLaterType, laterTypeAdvice } from "./later.ts";
import { type Advice, dotted, type Finding, type Path, show } from "./mistakes.ts";
import { nearest } from "./nearest.ts";
import { unknownKey } from "./unknown-key.ts";

type Issue = z.core.$ZodIssue;

/** What zod found wrong with `raw`, in words for the owner. */
export function findingsOf(issues: readonly Issue[], raw: unknown): Finding[] {
  const misspelt = new Set(issues.flatMap(meantKeys));
  return issues.flatMap((issue) => {
    const path = pathOf(issue);
    // The keys of an s3 or rclone copy are unknown here; the one mistake is its type.
    const [top, name, key] = path;
    const laterCopy =
      top === "copies" && name !== undefined && isLaterType(valueAt(raw, [top, name, "type"]));
    if (laterCopy && key !== "type") return [];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((unknown) =>
        finding([...path, unknown], "key", unknownKey(path, unknown)),
      );
    const value = valueAt(raw, path);
    if (value === undefined && misspelt.has(dotted(path))) return [];
    return [finding(path, value === undefined ? "key" : "value", adviceFor(issue, path, value))];
  });
}

function pathOf(issue: Issue): Path {
  return issue.path.map((part) => (typeof part === "number" ? part : String(part)));
}

/** Keys that misspelt ones were meant to be: they are not missing as well. */
function meantKeys(issue: Issue): string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const parent = pathOf(issue);
  return issue.keys.map((key) => dotted([...parent, nearest(key, keysUnder(parent)) ?? key]));
}

/** An advice at its place; what to do is the corrected line, or else the schema's example of it. */
export function finding(path: Path, at: Finding["at"], { what, next, fix }: Advice): Finding {
  const right = fix === undefined ? undefined : correctLine(path, fix);
  if (right !== undefined) return { path, at, what, next: write(right, next) };
  if (next) return { path, at, what, next };
  const example = exampleLine(path);
  return { path, at, what, next: example === undefined ? SEE_SCHEMA : such(example) };
}

function adviceFor(issue: Issue, path: Path, value: unknown): Advice {
  const key = show(path.at(-1) ?? "");
  if (issue.code === "custom" && issue.params?.["advice"]) return issue.params["advice"] as Advice;
  if (value === undefined) return { what: { ja: `${key} がありません`, en: `${key} is missing` } };
  if (value === null)
    return { what: { ja: `${key} の値が書かれていません`, en: `${key} has no value` } };
  if (issue.code === "invalid_value") return notOffered(issue.values, path, value);
  if (issue.code === "invalid_type") return wrongKind(issue.expected, path, value);
  if (issue.code === "too_small" || issue.code === "too_big") return outOfRange(issue, path, value);
  return { what: { ja: `${key} の書き方が違います`, en: `${key} is not written as expected` } };
}

function notOffered(offered: readonly unknown[], path: Path, value: unknown): Advice {
  if (path[0] === "copies" && path.at(-1) === "type" && isLaterType(value))
    return laterTypeAdvice(show(value));
  const words = offered.map(String);
  const near = typeof value === "string" ? nearest(value, words) : undefined;
  const fix = words.length === 1 ? offered[0] : near;
  return {
    what: {
      ja: `「${show(value)}」は使えません（書けるのは ${words.join("、")}）`,
      en: `"${show(value)}" cannot be used here (only ${words.join(", ")})`,
    },
    ...(fix === undefined ? {} : { fix }),
  };
}

function outOfRange(
  issue: Issue & { code: "too_small" | "too_big" },
  path: Path,
  value: unknown,
): Advice {
  const key = show(path.at(-1) ?? "");
  if (issue.origin === "array")
    return { what: { ja: `${key} に 1 つも書かれていません`, en: `${key} names nothing` } };
  return {
    what: {
      ja: `「${show(value)}」は使えません（0 から 1000 までの整数）`,
      en: `"${show(value)}" cannot be used here (whole numbers from 0 to 1000)`,
    },
  };
}

function wrongKind(expected: string, path: Path, value: unknown): Advice {
  const key = show(path.at(-1) ?? "");
  if (expected === "string" && (typeof value === "number" || typeof value === "boolean")) {
    const shown = show(value);
    if (schemaAt(path)?.pattern !== undefined)
      return { what: { ja: `「${shown}」に単位がありません`, en: `"${shown}" has no unit` } };
    // The line as it should be cannot be shown: of 0120 only 120 is left.
    return {
      what: {
        ja: `「${shown}」は、このままでは文字として読めません`,
        en: `"${shown}" is not read as text as it stands`,
      },
      next: QUOTE_IT,
    };
  }
  if (expected === "array" && typeof value === "string")
    return {
      what: {
        ja: `${key} は一覧で書きます（1 つだけでも [ ] で囲みます）`,
        en: `${key} is a list (in [ ] even if it has one entry)`,
      },
      fix: [value],
    };
  const kind = KINDS[expected] ?? { ja: "別の形", en: "something else" };
  return {
    what: {
      ja: `${key} の形が違います。ここは${kind.ja}です`,
      en: `${key} has the wrong form: ${kind.en} is expected`,
    },
  };
}

const QUOTE_IT: Words = {
  ja: '値を "" で囲んでください',
  en: 'Put the value in quotes ""',
};

const KINDS: Readonly<Record<string, Words>> = {
  string: { ja: "1 つの文字列", en: "one text" },
  number: { ja: "数", en: "a number" },
  int: { ja: "整数", en: "a whole number" },
  boolean: { ja: " true か false ", en: "true or false" },
  array: {
    ja: "一覧（[ ] で囲むか、- で始まる行）",
    en: "a list (in [ ], or lines that begin with -)",
  },
  object: { ja: "「項目: 値」を字下げして並べる所", en: "an indented group of `key: value` lines" },
  record: {
    ja: "「名前:」の下に項目を字下げして並べる所",
    en: "a group of names, each with indented `key: value` lines",
  },
};

const SEE_SCHEMA: Words = {
  ja: "policies/ にある見本と見比べて直してください",
  en: "Compare it with the examples in policies/",
};

function write(line: string, more: Words | undefined): Words {
  const { ja, en } = more ?? plain("");
  return {
    ja: `「${line}」と書いてください${ja && `（${ja}）`}`,
    en: `Write \`${line}\`${en && ` (${en})`}`,
  };
}

function such({ ja, en }: Words): Words {
  return { ja: `「${ja}」のように書いてください`, en: `Write it like \`${en}\`` };
}

/** The value in plain data at `path`, or undefined. */
export function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    raw,
  );
}
