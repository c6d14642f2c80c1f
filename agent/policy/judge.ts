import { openDocument, type PolicyDocument } from "./document.ts";
import { findingsOf } from "./issues.ts";
import { logicalFindings } from "./logic.ts";
import type { Placed } from "./mistakes.ts";
import type { PolicyText } from "./policy.ts";
import { policySchema } from "./schema.ts";
import { mendTyping } from "./typing.ts";

/** Either a policy, or mistakes. */
export interface Judged {
  readonly policy?: PolicyText;
  readonly mistakes: readonly Placed[];
}

/** Judges the text of a policy file. `folder`: absolute, where the file lies. Never throws. */
export function judge(text: string, folder: string): Judged {
  const judged = judgeAsTyped(text, folder);
  if (judged.mistakes.length === 0) return judged;
  const mended = mendTyping(text);
  if (mended.slips.length === 0) return judged;
  // With the slips out of the way, what they hid comes to light, and what they only seemed to break is gone.
  const { mistakes, keyOn, readable } = judgeAsTyped(mended.text, folder);
  const slips = mended.slips.map(({ line, column, key, what, next }): Placed => ({
    line,
    column,
    key: keyOn(line, key),
    what,
    next,
  }));
  if (readable) return { mistakes: [...slips, ...mistakes] };
  const slipped = new Set(slips.map(({ line }) => line));
  return { mistakes: [...slips, ...mistakes.filter(({ line }) => !slipped.has(line))] };
}

function judgeAsTyped(
  text: string,
  folder: string,
): Judged & Pick<PolicyDocument, "keyOn"> & { readonly readable: boolean } {
  const { raw, problems, place, keyOn } = openDocument(text);
  const readable = raw !== undefined;
  const only = (mistakes: readonly Placed[]): ReturnType<typeof judgeAsTyped> => ({
    mistakes,
    keyOn,
    readable,
  });
  if (!readable) return only(problems);
  if (raw === null) return only([problems[0] ?? EMPTY]);
  if (typeof raw !== "object" || Array.isArray(raw)) return only([problems[0] ?? NO_KEYS]);
  const parsed = policySchema.safeParse(raw);
  const findings = [
    ...logicalFindings(raw, folder),
    ...findingsOf(parsed.error?.issues ?? [], raw),
  ];
  const mistakes = [...problems, ...findings.map(place)];
  if (mistakes.length > 0 || !parsed.success) return only(mistakes);
  return { ...only([]), policy: parsed.data };
}

const START = { line: 1, column: 1, key: "" };

const EMPTY: Placed = {
  ...START,
  what: { ja: "方針書が空です", en: "the policy file is empty" },
  next: {
    ja: "policies/accounts-receivable.yaml を写して書き換えるか、mikura init で作ってください",
    en: "Copy policies/accounts-receivable.yaml and change it, or make one with mikura init",
  },
};

const NO_KEYS: Placed = {
  ...START,
  what: {
    ja: "方針書の形をしていません（「項目: 値」の行がありません）",
    en: "this is no policy file: it has no `key: value` lines",
  },
  next: {
    ja: "ファイルの名前を確かめるか、policies/accounts-receivable.yaml を手本に書いてください",
    en: "Check the file's name, or write it after policies/accounts-receivable.yaml",
  },
};
