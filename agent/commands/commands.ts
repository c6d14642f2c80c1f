import type { Language } from "../base/words.ts";
import { COMMON } from "./arguments.ts";
import { backupCommand } from "./backup.ts";
import { checkCommand } from "./check.ts";
import { type Command, say } from "./command.ts";
import { diffCommand } from "./diff.ts";
import { driftCommand } from "./drift.ts";
import { drillCommand } from "./drill.ts";
import { table } from "./format.ts";
import { initCommand } from "./init.ts";
import { restoreCommand } from "./restore.ts";
import { runCommand } from "./run.ts";
import { snapshotsCommand } from "./snapshots.ts";
import { statusCommand } from "./status.ts";
import { verifyCommand } from "./verify.ts";

/** In the order in which a new user meets them. */
export const COMMANDS: readonly Command[] = [
  initCommand,
  checkCommand,
  backupCommand,
  statusCommand,
  verifyCommand,
  driftCommand,
  drillCommand,
  restoreCommand,
  snapshotsCommand,
  diffCommand,
  runCommand,
];

export function programHelp(language: Language): string {
  const rows = COMMANDS.map(({ name, summary }) => [name, summary[language]]);
  return say(
    language,
    `mikura（三蔵）：大切なデータを3か所に置き、そこから取り戻せることを毎月確かめます

使い方：mikura 命令 [引数]      くわしくは：mikura 命令 --help

${table(rows)}

初めての方は：
  npm start                         見本の会社で試す
  mikura init                       自分の方針書を作る
  mikura check                      方針書と写しを確かめる
  mikura backup && mikura drill     写しを作り、復元を試す

${EXITS.ja}`,
    `mikura (三蔵, "three storehouses"): keeps critical data in three places, and proves every month
that it can be brought back from each of them

Use: mikura COMMAND [ARGUMENTS]      More: mikura COMMAND --help

${table(rows)}

To begin:
  npm start                         try it on a sample company
  mikura init                       make your own policy
  mikura check                      look whether all is in place
  mikura backup && mikura drill     make copies and prove them

${EXITS.en}`,
  );
}

const EXITS = {
  ja: `終了コード：0 良好  1 失敗  2 使い方か方針書の誤り  3 一部できなかった（残りは無事）
  4 データに問題（食い違い・破損・復元訓練の失敗・期限切れ）  5 別の実行中  6 凍結中  130 中断`,
  en: `Exit codes: 0 all well  1 failed  2 wrong usage or unsound policy  3 incomplete (the rest is safe)
  4 something is wrong with the data (drift, damage, failed drill, stale)  5 busy  6 frozen  130 interrupted`,
};

export function commandHelp(command: Command, language: Language): string {
  const rows = Object.entries({ ...command.options, ...COMMON }).map(([name, { value, about }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    about[language],
  ]);
  return `mikura ${command.name} ${command.usage}
  ${command.summary[language]}

${command.help[language]}

${table(rows)}`;
}
