import { EXIT, Fault, type ExitCode } from "../base/fault.ts";
import { rawToText } from "../base/raw-name.ts";
import type { Language } from "../base/words.ts";
import { type RestoreResult, type WrongPath, restore } from "../jobs/restore/restore.ts";
import { type Command, type Session, print, say } from "./command.ts";
import { formatBytes, formatCount, formatSeconds, visible } from "./format.ts";
import { withPlace } from "./with-place.ts";

export const restoreCommand: Command = {
  name: "restore",
  summary: { ja: "写しからデータを取り戻します", en: "brings data back from a copy" },
  usage: "--copy C (--to DIR | --zip FILE) [--dataset D] [--snapshot S] [PATH…]",
  words: [0, 9999],
  options: {
    copy: { value: "C", about: { ja: "この写しから（必須）", en: "from this copy (required)" } },
    to: {
      value: "DIR",
      about: { ja: "新しい、または空のフォルダーへ", en: "into this new or empty folder" },
    },
    zip: { value: "FILE", about: { ja: "1つの zip ファイルへ", en: "into one zip file" } },
    dataset: {
      value: "D",
      about: { ja: "この業務データの最新", en: "the newest of this dataset" },
    },
    snapshot: {
      value: "S",
      about: { ja: "この世代（省略時：最新）", en: "this snapshot (default: newest)" },
    },
  },
  help: {
    ja: `指定した写しだけから復元します。上書きはせず、指定した場所の外には何も書きません。
書いたものはすべて、原本を読んだときの記録と照合します。

  mikura restore --copy home --to ./modoshita
  mikura restore --copy home --to ./1ken /srv/ledger/ar/売掛金.csv
  mikura restore --copy home --zip ./ar.zip --dataset accounts-receivable`,
    en: `Restores from the copy that you name and from no other. Nothing is overwritten, and nothing is
written outside of the place that you name. All that is written is checked against what was
recorded when the source was read.

  mikura restore --copy home --to ./back
  mikura restore --copy home --to ./one /srv/ledger/ar/balance.csv
  mikura restore --copy home --zip ./ar.zip --dataset accounts-receivable`,
  },
  async run(session) {
    const copy = session.option("copy");
    const to = targetOf(session);
    if (copy === undefined) throw usage("--copy がありません", "--copy is missing");
    return await withPlace(session, { alone: false }, async (place) => {
      const result = await restore(place, {
        copy,
        to,
        dataset: session.option("dataset"),
        snapshot: session.option("snapshot"),
        paths: session.words,
      });
      const { language } = place.policy;
      const partial = session.words.length > 0;
      if (partial && result.files === 0 && result.wrong.length === 0) throw nothing();
      print(session, restoreJson(result), () => restoreText(result, partial, language));
      return restoreExit(result);
    });
  },
};

function targetOf(session: Session): { folder: string } | { zip: string } {
  const folder = session.option("to");
  const zip = session.option("zip");
  if (folder !== undefined && zip === undefined) return { folder };
  if (zip !== undefined && folder === undefined) return { zip };
  throw usage("--to か --zip のどちらか1つを指定してください", "give one of --to and --zip");
}

function usage(ja: string, en: string): Fault {
  return new Fault("usage", {
    exit: 2,
    what: { ja: `restore：${ja}`, en: `restore: ${en}` },
    next: { ja: "使い方：mikura restore --help", en: "For its use: mikura restore --help" },
  });
}

function nothing(): Fault {
  return new Fault("no-snapshot", {
    exit: 2,
    what: {
      ja: "指定したファイルは、この世代にありません",
      en: "The snapshot has none of the named files",
    },
    next: {
      ja: "/ から始まる元の場所で書いてください",
      en: "Give the original place, beginning with /",
    },
  });
}

/** 4: something came back wrong, or is not what the ledger recorded. */
function restoreExit({ wrong, manifest }: RestoreResult): ExitCode {
  if (manifest === "other" || wrong.some(({ why }) => DATA.has(why))) return EXIT.data;
  return wrong.length > 0 ? EXIT.incomplete : EXIT.well;
}

const DATA: ReadonlySet<string> = new Set(["damaged", "differs", "missing"]);

function restoreJson({
  snapshot,
  target,
  files,
  bytes,
  wrong,
  manifest,
  seconds,
}: RestoreResult): unknown {
  return {
    snapshot: snapshot.id,
    target,
    files,
    bytes,
    manifest,
    wrong: wrong.map(({ path, why }) => ({ path: rawToText(path), why })),
    seconds,
  };
}

function restoreText(result: RestoreResult, partial: boolean, language: Language): string {
  const { target, files, bytes, wrong, manifest, snapshot, seconds } = result;
  const took = formatSeconds(seconds, language);
  const lines = [
    say(
      language,
      `${wrong.length > 0 ? "×" : "○"} ${formatCount(files)}件 ${formatBytes(bytes)} を復元しました（世代 ${snapshot.id.slice(0, 8)}、${took}）：${target}`,
      `${wrong.length > 0 ? "×" : "○"} ${formatCount(files)} files, ${formatBytes(bytes)} restored (snapshot ${snapshot.id.slice(0, 8)}, ${took}): ${target}`,
    ),
    {
      known: say(
        language,
        "  すべて原本の記録と一致しました",
        "  All agrees with what was recorded of the source",
      ),
      own: say(
        language,
        "  世代の中の記録と一致しました（この台帳はその世代を知りません）",
        "  All agrees with the record inside the snapshot (this ledger does not know the snapshot)",
      ),
      other: say(
        language,
        "  × 世代の中の記録が、台帳のものと違います。この世代を信用しないでください",
        "  × The record inside the snapshot is not the one in the ledger: do not trust this snapshot",
      ),
      none: say(
        language,
        "  原本の記録がない世代です（restic が作ったもの）。中身の指紋だけを確かめました",
        "  The snapshot has no record of the source (restic made it): only the hashes of its contents were checked",
      ),
    }[manifest],
    ...wrong.slice(0, 50).map((one) => wrongText(one, language)),
  ];
  if (wrong.length > 0 && manifest !== "other") lines.splice(1, 1);
  if (!partial && manifest !== "none" && !target.endsWith(".zip")) {
    lines.push(
      say(
        language,
        `  自分で確かめるには：cd ${target} && sha256sum -c .mikura/SHA256SUMS`,
        `  To check for yourself: cd ${target} && sha256sum -c .mikura/SHA256SUMS`,
      ),
    );
  }
  return lines.join("\n");
}

function wrongText({ path, why }: WrongPath, language: Language): string {
  const name = visible(rawToText(path));
  if (why === "damaged")
    return say(
      language,
      `  × ${name}：写しの中で壊れています。別の写しから復元してください`,
      `  × ${name}: damaged in this copy; restore it from another`,
    );
  if (why === "differs")
    return say(
      language,
      `  × ${name}：原本の記録と違います`,
      `  × ${name}: not what was recorded of the source`,
    );
  if (why === "missing")
    return say(
      language,
      `  × ${name}：この世代にあるはずなのに、ありません`,
      `  × ${name}: should be in this snapshot and is not`,
    );
  return say(
    language,
    `  △ ${name}：復元先に作れません（${why}）`,
    `  △ ${name}: cannot be made in the target (${why})`,
  );
}
