import { EXIT, type ExitCode } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import { type CheckResult, check } from "../jobs/check/check.ts";
import type { Finding } from "../jobs/common/drivers/driver.ts";
import type { Policy } from "../policy/policy.ts";
import { type Command, print, say } from "./command.ts";
import { ruleLine } from "./status.ts";
import { withPlace } from "./with-place.ts";

export const checkCommand: Command = {
  name: "check",
  summary: {
    ja: "方針書は正しいか、写しはつながっているか、3か所の決まりを満たすか",
    en: "is the policy sound, is every copy reachable, the right one, writable; R1 to R5",
  },
  usage: "",
  words: [0, 0],
  options: {},
  help: {
    ja: `方針書の間違いは、ファイル名・行・直し方で知らせます。3か所の決まり：
  R1 別々の機器に3つ以上  R2 2種類以上の媒体  R3 1つは別の場所
  R4 1つは別の場所にあり、インターネットなしで読める
  R5 1つは、この mikura の権限では消せない`,
    en: `Mistakes in the policy are named with file, line and remedy. The rules of three copies:
  R1 three or more on separate devices  R2 two kinds of medium  R3 one at another site
  R4 one at another site that can be read without the Internet
  R5 one that this agent's own credentials cannot delete`,
  },
  async run(session) {
    return await withPlace(session, { alone: true }, async (place) => {
      const { policy } = place;
      const result = await check(place);
      print(session, checkJson(result, policy.language), () =>
        checkText(result, policy, policy.language),
      );
      return checkExit(result, policy);
    });
  },
};

/** 2 where the policy or its R1 is unsound; 3 where something cannot be reached; 4 where a copy is in danger. */
function checkExit({ rules, copies, datasets, key }: CheckResult, policy: Policy): ExitCode {
  const r1 = rules.find(({ rule }) => rule === "R1");
  if ((r1?.met === false && !policy.demo) || key?.exit === EXIT.usage) return EXIT.usage;
  if (copies.some(({ state }) => state === "new")) return EXIT.usage;
  if (key || [...copies, ...datasets].some(({ fault }) => fault)) return EXIT.incomplete;
  const endangered = copies.some(({ findings }) => findings.some(({ state }) => state === "bad"));
  return endangered ? EXIT.data : EXIT.well;
}

function checkJson({ rules, copies, datasets, key }: CheckResult, language: Language): unknown {
  return {
    rules: rules.map(({ rule, met, waived, detail }) => ({
      rule,
      met: met ?? null,
      ...(waived === undefined ? {} : { waived }),
      detail: detail[language],
    })),
    copies: copies.map(({ name, state, fault, findings }) => ({
      name,
      state,
      ...(fault ? fault.toJson(language) : {}),
      ...(findings.length > 0 && {
        findings: findings.map((one) => ({
          state: one.state,
          what: one.what[language],
          ...(one.next && { next: one.next[language] }),
        })),
      }),
    })),
    datasets: datasets.map(({ name, fault }) => ({
      name,
      ...(fault ? fault.toJson(language) : {}),
    })),
    ...(key ? { key: key.toJson(language) } : {}),
  };
}

function checkText(
  { rules, copies, datasets, key }: CheckResult,
  policy: Policy,
  language: Language,
): string {
  const line = (subject: string, fault: CheckResult["key"]): string =>
    fault
      ? `  × ${subject}: ${fault.what[language]}\n    → ${fault.next[language]}`
      : `  ○ ${subject}`;
  return [
    say(
      language,
      `○ 方針書に間違いはありません：${policy.file}`,
      `○ The policy is sound: ${policy.file}`,
    ),
    say(language, "業務データ", "Datasets"),
    ...datasets.map(({ name, fault }) => line(name, fault)),
    say(language, "写し", "Copies"),
    ...copies.flatMap(({ name, fault, findings }) => [
      line(name, fault),
      ...findings.map((finding) => findingText(finding, language)),
    ]),
    ...(key ? [line(say(language, "鍵", "key"), key)] : []),
    say(language, "3か所の決まり", "Rules of three copies"),
    ...rules.map((rule) => ruleLine(rule, language)),
  ].join("\n");
}

const FINDING_MARKS = { bad: "×", note: "△", unknown: "―" } as const;

function findingText({ state, what, next }: Finding, language: Language): string {
  const advice = next ? `\n      → ${next[language]}` : "";
  return `    ${FINDING_MARKS[state]} ${what[language]}${advice}`;
}
