import { EXIT, type ExitCode } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import { type Drill, drill } from "../jobs/drill/drill.ts";
import { unknownDataset } from "./backup.ts";
import { type Command, print, say } from "./command.ts";
import { formatBytes, formatCount, formatSeconds, table, visible } from "./format.ts";
import { VERDICTS } from "./verdicts.ts";
import { withPlace } from "./with-place.ts";

export const drillCommand: Command = {
  name: "drill",
  summary: { ja: "復元訓練：実際に戻して、原本の記録と比べます", en: "test-restores and proves" },
  usage: "[--copy C] [--dataset D] [--snapshot S]",
  words: [0, 0],
  options: {
    copy: { value: "C", about: { ja: "この写しだけ", en: "only from this copy" } },
    dataset: { value: "D", about: { ja: "この業務データだけ", en: "only this dataset" } },
    snapshot: {
      value: "S",
      about: { ja: "この世代（省略時：最新）", en: "this snapshot (default: newest)" },
    },
  },
  help: {
    ja: `写しから空のフォルダーへ実際に復元し、すべてのファイルを読み直して、原本を読んだときの記録と比べます。
終われば復元したものは消します。緑（○ 実証済）になるのは、これに合格したときだけです。`,
    en: `Restores from a copy into an empty folder, reads every file again, and compares it with what
was recorded when the source was read. The restored files are removed afterwards. Only a passed
drill makes anything green (○ proved).`,
  },
  async run(session) {
    return await withPlace(session, { alone: true }, async (place) => {
      const { policy } = place;
      const dataset = session.option("dataset");
      if (dataset !== undefined && !policy.datasets.some(({ name }) => name === dataset)) {
        throw unknownDataset(policy, dataset);
      }
      const drills = await drill(place, {
        copy: session.option("copy"),
        dataset,
        snapshot: session.option("snapshot"),
      });
      print(session, drillJson(drills, policy.language), () => drillText(drills, policy.language));
      return drillExit(drills);
    });
  },
};

export function drillExit(drills: readonly Drill[]): ExitCode {
  if (drills.some(({ result }) => result === "failed")) return EXIT.data;
  if (drills.every(({ result }) => result === "unproved")) return EXIT.failed;
  return drills.some(({ result }) => result === "unproved") ? EXIT.incomplete : EXIT.well;
}

/** The contract of `drill --json`. */
export function drillJson(drills: readonly Drill[], language: Language): unknown {
  return {
    drills: drills.map(
      ({ dataset, copy, snapshot, result, files, bytes, seconds, mismatches, fault }) => ({
        dataset: dataset.name,
        copy,
        snapshot: snapshot ?? null,
        result,
        files,
        bytes,
        seconds,
        rto_s: dataset.rtoS,
        mismatches,
        tests: [],
        ...(fault ? fault.toJson(language) : {}),
      }),
    ),
  };
}

export function drillText(drills: readonly Drill[], language: Language): string {
  const rows = drills.map(({ dataset, copy, result, files, bytes, seconds, fault }) => {
    const { mark, word } = VERDICTS[result];
    const figures = say(
      language,
      `${formatCount(files)}件 ${formatBytes(bytes)} を ${formatSeconds(seconds, language)} で復元`,
      `${formatCount(files)} files, ${formatBytes(bytes)} restored in ${formatSeconds(seconds, language)}`,
    );
    return [mark, dataset.title, copy, word[language], fault ? fault.what[language] : figures];
  });
  const wrong = drills.flatMap(({ copy, mismatches, fault }) => [
    ...mismatches.slice(0, 20).map((mismatch) => `  × ${copy}: ${visible(mismatch)}`),
    ...(fault ? [`  → ${fault.next[language]}`] : []),
  ]);
  return [table(rows), ...wrong].join("\n");
}
