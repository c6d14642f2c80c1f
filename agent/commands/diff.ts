import { EXIT } from "../base/fault.ts";
import { rawToText } from "../base/raw-name.ts";
import { CHANGE_WORDS, type ChangeKind, diffSnapshots } from "../jobs/history/history.ts";
import { type Command, print, say } from "./command.ts";
import { formatCount, visible } from "./format.ts";
import { withPlace } from "./with-place.ts";

export const diffCommand: Command = {
  name: "diff",
  summary: { ja: "2つの世代の間で変わったもの", en: "what changed between two snapshots" },
  usage: "A B",
  words: [2, 2],
  options: { copy: { value: "C", about: { ja: "この写しから読む", en: "read from this copy" } } },
  help: {
    ja: `A から B までに追加・削除・変更されたものを並べます。A と B は世代の番号（先頭の4桁以上）か latest。

  mikura diff 3f9a21c0 latest`,
    en: `Lists what was added, removed or changed from A to B. A and B are ids of snapshots (their first
four digits or more) or latest.

  mikura diff 3f9a21c0 latest`,
  },
  async run(session) {
    return await withPlace(session, { alone: false }, async (place) => {
      const { language } = place.policy;
      const [a, b] = session.words as [string, string];
      const { from, to, changes } = await diffSnapshots(place, [a, b], session.option("copy"));
      const json = {
        from: from.id,
        to: to.id,
        changes: changes.map(({ path, kind }) => ({ path: `/${rawToText(path)}`, kind })),
      };
      print(session, json, () =>
        [
          ...changes.map(({ path, kind }) => `${SIGNS[kind]} /${visible(rawToText(path))}`),
          summary(changes.map(({ kind }) => kind)),
        ].join("\n"),
      );
      return EXIT.well;

      function summary(kinds: readonly ChangeKind[]): string {
        if (kinds.length === 0) return say(language, "違いはありません", "No difference");
        const counts = (Object.keys(SIGNS) as ChangeKind[]).map((kind) => {
          const n = formatCount(kinds.filter((one) => one === kind).length);
          return `${SIGNS[kind]} ${CHANGE_WORDS[kind][language]} ${n}`;
        });
        return counts.join("  ");
      }
    });
  },
};

const SIGNS: Readonly<Record<ChangeKind, string>> = {
  added: "+",
  removed: "-",
  changed: "M",
  metadata: "U",
};
