import type { z } from "zod";
import { plain, type Words } from "../base/words.ts";
import { COPY_SCHEMAS } from "./copy-schema.ts";
import { meantType, nearType } from "./copy-type.ts";
import { correctLine, exampleLine, keysUnder, schemaAt } from "./keys.ts";
import { type Advice, dotted, type Finding, type Path, show } from "./mistakes.ts";
import { nearest } from "./nearest.ts";
import { COPY_TYPES } from "./policy.ts";
import { unknownKey } from "./unknown-key.ts";
import { isGroup, valueAt } from "./value-at.ts";

type Issue = z.core.$ZodIssue;

/** What zod found wrong with `raw`, in words for the owner. */
export function findingsOf(found: readonly Issue[], raw: unknown): Finding[] {
  const issues = found.flatMap((issue) => opened(issue, raw));
  const misspelt = new Set(issues.flatMap((issue) => meantKeys(issue, raw)));
  return issues.flatMap((issue) => {
    const path = pathOf(issue);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((unknown) =>
        finding([...path, unknown], "key", unknownKey(path, unknown, raw), raw),
      );
    const value = valueAt(raw, path);
    if (value === undefined && misspelt.has(dotted(path))) return [];
    const at = value === undefined ? "key" : "value";
    return [finding(path, at, adviceFor(issue, path, raw), raw)];
  });
}

/** Of alternatives zod only says that none fits: what is wrong with the one that was meant? */
function opened(issue: Issue, raw: unknown): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  if (issue.discriminator !== undefined) {
    // The type of a copy is wrong or missing; what else is wrong with the copy must not wait for it.
    const copy = issue.path.slice(0, -1);
    const entry = valueAt(raw, copy.map(partOf));
    const type = meantType(entry);
    const meant = COPY_SCHEMAS[type].safeParse({ ...(isGroup(entry) ? entry : {}), type });
    return [issue, ...below(copy, meant.error?.issues ?? [])];
  }
  const value = valueAt(raw, pathOf(issue));
  if (!isGroup(value) || Object.keys(value).length === 0) return [issue];
  const known = new Set(keysUnder(pathOf(issue), raw));
  // Wrong only inside: the branch that has the keys which are there.
  const inside = issue.errors.find((branch) =>
    branch.every(
      (one) =>
        one.path.length > 0 &&
        Object.hasOwn(value, String(one.path[0])) &&
        known.has(String(one.path[0])),
    ),
  );
  const unknown = issue.errors.find((branch) =>
    branch.every((one) => one.code === "unrecognized_keys"),
  );
  const branch = inside ?? unknown;
  return branch ? below(issue.path, branch) : [issue];
}

function below(path: readonly PropertyKey[], issues: readonly Issue[]): Issue[] {
  return issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

function pathOf(issue: Issue): Path {
  return issue.path.map(partOf);
}

function partOf(part: PropertyKey): string | number {
  return typeof part === "number" ? part : String(part);
}

/** Keys that misspelt ones were meant to be: they are not missing as well. */
function meantKeys(issue: Issue, raw: unknown): string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const parent = pathOf(issue);
  return issue.keys.map((key) => dotted([...parent, nearest(key, keysUnder(parent, raw)) ?? key]));
}

/** An advice at its place in `raw`; what to do is the corrected line, or else the schema's example of it. */
export function finding(
  path: Path,
  at: Finding["at"],
  { what, next, fix }: Advice,
  raw: unknown,
): Finding {
  const right = fix === undefined ? undefined : correctLine(path, fix);
  if (right !== undefined) return { path, at, what, next: write(right, next) };
  if (next) return { path, at, what, next };
  const example = exampleLine(path, raw);
  return { path, at, what, next: example === undefined ? SEE_SCHEMA : such(example) };
}

function adviceFor(issue: Issue, path: Path, raw: unknown): Advice {
  const value = valueAt(raw, path);
  const key = show(path.at(-1) ?? "");
  if (issue.code === "custom" && issue.params?.["advice"]) return issue.params["advice"] as Advice;
  if (value === undefined) return { what: { ja: `${key} がありません`, en: `${key} is missing` } };
  if (value === null)
    return { what: { ja: `${key} の値が書かれていません`, en: `${key} has no value` } };
  if (issue.code === "invalid_union")
    return issue.discriminator === undefined ? NO_CREDENTIALS : noSuchType(value);
  if (issue.code === "invalid_value") return notOffered(issue.values, value);
  if (issue.code === "invalid_type") return wrongKind(issue.expected, path, raw);
  if (issue.code === "too_small" || issue.code === "too_big") return outOfRange(issue, path, value);
  return { what: { ja: `${key} の書き方が違います`, en: `${key} is not written as expected` } };
}

function noSuchType(value: unknown): Advice {
  const near = nearType(value);
  const { what, fix } = notOffered(COPY_TYPES, value);
  return { what, fix: near ?? fix };
}

/** The value is not repeated: it is likely to be a key. */
const NO_CREDENTIALS: Advice = {
  what: {
    ja: "credentials に書けるのは、アクセスキーのありか（env、{ profile: 名前 }、{ file: 場所 }）だけです",
    en: "credentials only says where the access keys are: env, { profile: NAME } or { file: PATH }",
  },
  next: {
    ja: "キーを本人だけが読めるファイル（権限 600）に入れ、「credentials: { file: /etc/mikura/s3-credentials }」のように書いてください",
    en: "Put the keys into a file of mode 600 and write it like `credentials: { file: /etc/mikura/s3-credentials }`",
  },
};

function notOffered(offered: readonly unknown[], value: unknown): Advice {
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

function wrongKind(expected: string, path: Path, raw: unknown): Advice {
  const value = valueAt(raw, path);
  const key = show(path.at(-1) ?? "");
  if (expected === "string" && (typeof value === "number" || typeof value === "boolean")) {
    const shown = show(value);
    if (UNIT_AT_END.test(schemaAt(path, raw)?.pattern ?? ""))
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

const UNIT_AT_END = /(?:\]|s)\$$/u;

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
