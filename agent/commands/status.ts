import { EXIT, type ExitCode } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import type { Workplace } from "../jobs/common/workplace.ts";
import { type CellStatus, type Status, status } from "../jobs/status/status.ts";
import type { RuleVerdict } from "../policy/rules.ts";
import { type Command, print, say } from "./command.ts";
import {
  formatBytes,
  formatCount,
  formatSeconds,
  formatShare,
  formatTime,
  table,
} from "./format.ts";
import { VERDICTS } from "./verdicts.ts";
import { withPlace } from "./with-place.ts";

export const statusCommand: Command = {
  name: "status",
  summary: { ja: "今の状態を1画面で", en: "the state of everything on one screen" },
  usage: "",
  words: [0, 0],
  options: {},
  help: {
    ja: `業務データごと、写しごとの判定と、していただきたいこと（最大3つ）を示します。

  ○ 実証済  実際に復元して確かめた
  △ 要注意  復元はできるが、古い・遅れているなど
  × 失敗    壊れている、または復元訓練に失敗した
  ― 未実証  まだ復元を試していない（緑ではありません）`,
    en: `Shows a verdict for each dataset in each copy, and at most three things to do.

  ○ proved     really restored and compared
  △ attention  can be restored, but it is old, behind or incomplete
  × failed     damaged, or its restore drill failed
  ― unproved   restoring has not been tried (this is not green)`,
  },
  async run(session) {
    return await withPlace(session, { alone: false }, async (place) => {
      const result = await status(place);
      print(session, statusJson(result, place.policy.language), () => statusText(place, result));
      return statusExit(result);
    });
  },
};

/** 0 all proved; 4 something failed or is stale; 3 something is not proved or not in order. */
export function statusExit({ verdict, stale }: Status): ExitCode {
  if (verdict === "failed" || (stale && verdict !== "unproved")) return EXIT.data;
  return verdict === "proved" ? EXIT.well : EXIT.incomplete;
}

/** The contract of `status --json`. */
export function statusJson(result: Status, language: Language): unknown {
  return {
    verdict: result.verdict,
    demo: result.demo,
    rules: result.rules.map(({ rule, met, waived, detail }) => ({
      rule,
      met: met ?? null,
      ...(waived === undefined ? {} : { waived }),
      detail: detail[language],
    })),
    datasets: result.datasets.map(({ dataset, newest, copies }) => ({
      name: dataset.name,
      snapshot: newest?.id ?? null,
      time: newest ? new Date(newest.receivedAt).toISOString() : null,
      copies: copies.map((cell) => ({
        name: cell.name,
        verdict: cell.verdict,
        ...(cell.cause ? { cause: cell.cause[language] } : {}),
        snapshot: cell.snapshot?.id ?? null,
        age_s: cell.ageS ?? null,
        stale: cell.stale,
        present: cell.present,
        verified_share: cell.verifiedShare,
        oldest_unverified_s: cell.oldestUnverifiedS ?? null,
        ...(cell.drill
          ? {
              drill: {
                time: new Date(cell.drill.at).toISOString(),
                result: cell.drill.result,
                seconds: cell.drill.seconds,
              },
            }
          : {}),
      })),
    })),
    actions: result.actions.map((action) => action[language]),
  };
}

export function statusText({ policy, around }: Workplace, result: Status): string {
  const { language, timezone } = policy;
  const now = formatTime(around.clock.now(), timezone);
  const sections = [
    `${policy.company}  ${now}`,
    `  ${VERDICTS[result.verdict].mark}  ${sentence(result, language)}`,
  ];
  if (result.demo) sections.push(`  ${DEMO[language]}`);
  for (const { dataset, newest, copies } of result.datasets) {
    const head = newest
      ? say(
          language,
          `${dataset.title}  最新の世代 ${formatTime(newest.receivedAt, timezone)}  ${formatCount(newest.files)}件 ${formatBytes(newest.bytes)}`,
          `${dataset.title}  newest snapshot ${formatTime(newest.receivedAt, timezone)}  ${formatCount(newest.files)} files, ${formatBytes(newest.bytes)}`,
        )
      : say(
          language,
          `${dataset.title}  世代はまだありません`,
          `${dataset.title}  no snapshot yet`,
        );
    const rows = copies.map((cell) => cellRow(cell, siteOf(policy, cell.name), language, timezone));
    sections.push("", head, table(rows), ...causeLines(copies, language));
  }
  const unmet = result.rules.filter(({ met, waived }) => met !== true && waived === undefined);
  if (unmet.length > 0) sections.push("", ...rulesText(unmet, result.demo, language));
  if (result.actions.length > 0) {
    sections.push("", say(language, "していただきたいこと", "Please do"));
    sections.push(...result.actions.map((action, i) => `  ${i + 1}. ${action[language]}`));
  }
  return sections.join("\n");
}

/** A practice policy breaks the rules by its nature: one line says so. */
function rulesText(unmet: readonly RuleVerdict[], demo: boolean, language: Language): string[] {
  if (!demo) return unmet.map((rule) => ruleLine(rule, language));
  const rules = unmet.map(({ rule }) => rule).join(" ");
  return [
    say(
      language,
      `  △ 3か所の決まりのうち ${rules} を満たしていません（練習用のため）。くわしくは mikura check`,
      `  △ Of the rules of three copies, ${rules} are not met (practice). More: mikura check`,
    ),
  ];
}

const DEMO = {
  ja: "練習用の方針書です（demo: true）。本番のデータは守られていません",
  en: "This is a practice policy (demo: true): no real data is protected",
};

function sentence({ verdict, datasets }: Status, language: Language): string {
  const copies = datasets[0]?.copies.length ?? 0;
  return {
    proved: say(
      language,
      `戻せます。${copies} か所すべてから実際に復元し、原本の記録と一致しました`,
      `It can be brought back: all ${copies} copies were restored and agree with the source`,
    ),
    attention: say(
      language,
      "戻せますが、気をつけていただきたいことがあります",
      "It can be brought back, but something needs attention",
    ),
    failed: say(language, "戻せない写しがあります", "There is a copy that cannot be relied on"),
    unproved: say(
      language,
      "戻せるかどうか、まだ確かめていない写しがあります",
      "Some copy has not been proved by a restore yet",
    ),
  }[verdict];
}

function cellRow(cell: CellStatus, site: string, language: Language, timezone: string): string[] {
  const { mark, word } = VERDICTS[cell.verdict];
  const proof = cell.drill
    ? say(
        language,
        `復元 ${formatTime(cell.drill.at, timezone)} ${formatSeconds(cell.drill.seconds, language)}`,
        `restored ${formatTime(cell.drill.at, timezone)} in ${formatSeconds(cell.drill.seconds, language)}`,
      )
    : say(language, "復元 まだ", "never restored");
  const read = say(
    language,
    `照合 ${formatShare(cell.verifiedShare)}`,
    `${formatShare(cell.verifiedShare)} verified`,
  );
  return [mark, cell.name, site, word[language], proof, read];
}

/** Copies with one cause share a line. */
function causeLines(copies: readonly CellStatus[], language: Language): string[] {
  const byCause = Map.groupBy(copies, ({ cause }) => cause?.[language]);
  byCause.delete(undefined);
  return [...byCause].map(([cause, cells]) => {
    const names = cells.map(({ name }) => name).join(say(language, "、", ", "));
    return `     ${names}: ${cause}`;
  });
}

export function ruleLine({ rule, met, waived, detail }: RuleVerdict, language: Language): string {
  const mark = met === true ? "○" : waived === undefined ? (met === undefined ? "―" : "△") : "－";
  const reason =
    waived === undefined ? "" : say(language, `（免除：${waived}）`, ` (waived: ${waived})`);
  return `  ${mark} ${rule}  ${detail[language]}${reason}`;
}

function siteOf({ copies }: Workplace["policy"], name: string): string {
  return copies.find((copy) => copy.name === name)?.site ?? "";
}
