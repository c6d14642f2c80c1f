import { EXIT, type ExitCode } from "../base/fault.ts";
import type { Words } from "../base/words.ts";
import { type Drift, type DriftKind, findDrift } from "../jobs/verify/verify.ts";
import { type Command, print, say } from "./command.ts";
import { formatTime } from "./format.ts";
import { withPlace } from "./with-place.ts";

export const driftCommand: Command = {
  name: "drift",
  summary: {
    ja: "写しと台帳・方針書の食い違いを調べます（中身は読みません）",
    en: "compares all copies with ledger and policy, without reading contents",
  },
  usage: "",
  words: [0, 0],
  options: {},
  help: {
    ja: `一覧と台帳を比べて、なくなったもの、余分なもの、遅れ、期限切れを、原因と次の手とともに示します。
中身まで確かめるのは mikura verify です。`,
    en: `Compares listings with the ledger: what is missing, extra, behind or stale, with its cause and
what to do next. mikura verify looks at the contents as well.`,
  },
  async run(session) {
    return await withPlace(session, { alone: true }, async (place) => {
      const { language, timezone } = place.policy;
      const findings = await findDrift(place);
      const json = findings.map(({ copy, kind, object, dataset, since, detail, action }) => ({
        copy,
        kind,
        ...(object === undefined ? {} : { object }),
        ...(dataset === undefined ? {} : { dataset }),
        since: new Date(since).toISOString(),
        detail: detail[language],
        action: action[language],
      }));
      print(session, { findings: json }, () =>
        findings.length === 0
          ? say(language, "○ 食い違いはありません", "○ No drift")
          : findings
              .map(
                ({ copy, kind, object, since, detail, action }) =>
                  `${MARKS[kind]} ${copy}  ${KINDS[kind][language]}  ${object ?? ""}\n  ${detail[language]}（${formatTime(since, timezone)}）\n  → ${action[language]}`,
              )
              .join("\n"),
      );
      return driftExit(findings);
    });
  },
};

/** 4 for what is wrong with the data; 3 where copies are only away or behind. */
function driftExit(findings: readonly Drift[]): ExitCode {
  if (findings.length === 0) return EXIT.well;
  const mild = new Set<DriftKind>(["absent", "behind"]);
  return findings.every(({ kind }) => mild.has(kind)) ? EXIT.incomplete : EXIT.data;
}

const MARKS: Readonly<Record<DriftKind, string>> = {
  missing: "×",
  damaged: "×",
  foreign: "×",
  extra: "△",
  behind: "△",
  stale: "△",
  absent: "―",
};

const KINDS: Readonly<Record<DriftKind, Words>> = {
  missing: { ja: "なくなった", en: "missing" },
  damaged: { ja: "壊れている", en: "damaged" },
  foreign: { ja: "別のもの", en: "foreign" },
  extra: { ja: "余分", en: "extra" },
  behind: { ja: "遅れ", en: "behind" },
  stale: { ja: "期限切れ", en: "stale" },
  absent: { ja: "つながっていない", en: "absent" },
};
