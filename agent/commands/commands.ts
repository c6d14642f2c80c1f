import type { Language } from "../base/words.ts";
import { COMMON } from "./arguments.ts";
import { type Command, say } from "./command.ts";
import { table } from "./format.ts";

/**
 * In the order in which a new user meets them. Each is loaded when it is named: together they are
 * most of the program, and would double the time that any one of them takes to start.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./init.ts")).initCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  backup: async () => (await import("./backup.ts")).backupCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  verify: async () => (await import("./verify.ts")).verifyCommand,
  drift: async () => (await import("./drift.ts")).driftCommand,
  drill: async () => (await import("./drill.ts")).drillCommand,
  restore: async () => (await import("./restore.ts")).restoreCommand,
  snapshots: async () => (await import("./snapshots.ts")).snapshotsCommand,
  diff: async () => (await import("./diff.ts")).diffCommand,
  run: async () => (await import("./run.ts")).runCommand,
};

export async function findCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(COMMANDS, name) ? await COMMANDS[name]!() : undefined;
}

export async function programHelp(language: Language): Promise<string> {
  const all = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const rows = all.map(({ name, summary }) => [name, summary[language]]);
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
