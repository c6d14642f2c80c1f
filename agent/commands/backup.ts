import { EXIT, Fault, type ExitCode } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import {
  type BackupResult,
  CHANGING,
  type CopyBackup,
  type DatasetBackup,
  type Trouble,
  backup,
} from "../jobs/backup/backup.ts";
import type { Policy } from "../policy/policy.ts";
import { type Command, print, say } from "./command.ts";
import { formatBytes, formatCount, table, visible } from "./format.ts";
import { withPlace } from "./with-place.ts";

export const backupCommand: Command = {
  name: "backup",
  summary: {
    ja: "世代を作り、すべての写しを最新にします",
    en: "takes snapshots and brings every copy up to date",
  },
  usage: "[DATASET…]",
  words: [0, 99],
  options: {},
  help: {
    ja: `原本を1回だけ読み、暗号化し、すべての写しへ同じものを送ります。
変わっていないファイルは読みません。つながっていない写しは、次につないだときに追いつきます。

  mikura backup                       すべての業務データ
  mikura backup accounts-receivable   1つだけ`,
    en: `Reads the source once, seals it, and sends the same bytes to every copy.
Unchanged files are not read. A copy that is away catches up when it is back.

  mikura backup                       all datasets
  mikura backup accounts-receivable   only this one`,
  },
  async run(session) {
    return await withPlace(session, { alone: true }, async (place) => {
      const { policy } = place;
      const result = await backup(place, chosen(policy, session.words));
      print(session, backupJson(result, policy.language), () =>
        backupText(result, policy.language),
      );
      return backupExit(result);
    });
  },
};

function chosen(policy: Policy, names: readonly string[]): Policy["datasets"] {
  const unknown = names.find((name) => !policy.datasets.some((dataset) => dataset.name === name));
  if (unknown !== undefined) throw unknownDataset(policy, unknown);
  return policy.datasets.filter(({ name }) => names.length === 0 || names.includes(name));
}

export function unknownDataset({ datasets }: Policy, name: string): Fault {
  const names = datasets.map((dataset) => dataset.name).join(", ");
  return new Fault("usage", {
    exit: 2,
    what: {
      ja: `方針書に業務データ「${name}」はありません`,
      en: `The policy has no dataset "${name}"`,
    },
    next: { ja: `次のどれかを指定してください：${names}`, en: `Name one of these: ${names}` },
  });
}

/** 0 all well; 1 nothing was saved; 3 something was left out or some copy was not reached. */
export function backupExit({ datasets, copies }: BackupResult): ExitCode {
  const saved = datasets.filter(({ snapshot }) => snapshot !== undefined);
  const reached = copies.filter(({ state }) => state === "current");
  if ((datasets.length > 0 && saved.length === 0) || reached.length === 0) return EXIT.failed;
  const whole =
    saved.length === datasets.length && datasets.every(({ troubles }) => troubles.length === 0);
  const all = copies.every(({ state, excused }) => state === "current" || excused);
  return whole && all ? EXIT.well : EXIT.incomplete;
}

/** The contract of `backup --json`. */
export function backupJson(
  { datasets, copies, seconds }: BackupResult,
  language: Language,
): unknown {
  return {
    datasets: datasets.map(({ dataset, snapshot, files, bytes, troubles, fault }) => ({
      name: dataset.name,
      snapshot: snapshot ?? null,
      files,
      bytes,
      ...(troubles.length > 0 ? { troubles } : {}),
      ...(fault ? fault.toJson(language) : {}),
    })),
    copies: copies.map(({ name, state, fault, lacking, objectsSent, bytesSent }) => ({
      name,
      state,
      ...(fault ? { cause: fault.code, ...fault.toJson(language) } : {}),
      ...(lacking.length > 0 ? { lacking } : {}),
      objects_sent: objectsSent,
      bytes_sent: bytesSent,
    })),
    seconds,
  };
}

export function backupText(result: BackupResult, language: Language): string {
  const lines = result.datasets.map((dataset) => datasetText(dataset, language));
  const copies = result.copies.map((copy) => copyRow(copy, language));
  return [
    ...lines,
    table(copies),
    ...result.copies.flatMap((copy) => copyAdvice(copy, language)),
  ].join("\n");
}

function datasetText(
  { dataset, snapshot, files, bytes, troubles, fault }: DatasetBackup,
  language: Language,
): string {
  if (fault || snapshot === undefined) {
    return `× ${dataset.title}  ${fault?.what[language] ?? ""}\n  → ${fault?.next[language] ?? ""}`;
  }
  const total = files.new + files.changed + files.unchanged;
  const n = formatCount;
  const head = say(
    language,
    `${troubles.length > 0 ? "△" : "○"} ${dataset.title}  世代 ${snapshot.slice(0, 8)}  ${n(total)}件（新規 ${n(files.new)}、変更 ${n(files.changed)}）  読んだ量 ${formatBytes(bytes.read)}  増えた量 ${formatBytes(bytes.added)}`,
    `${troubles.length > 0 ? "△" : "○"} ${dataset.title}  snapshot ${snapshot.slice(0, 8)}  ${n(total)} files (${n(files.new)} new, ${n(files.changed)} changed)  read ${formatBytes(bytes.read)}  added ${formatBytes(bytes.added)}`,
  );
  return [head, ...troubles.map((trouble) => `  ${troubleText(trouble, language)}`)].join("\n");
}

function troubleText({ path, why }: Trouble, language: Language): string {
  const reason =
    why === CHANGING
      ? say(
          language,
          "読んでいる間に変わり続けました。次回また読みます",
          "kept changing while it was read; it is read again next time",
        )
      : why === "EACCES" || why === "EPERM"
        ? say(
            language,
            "読む権限がありません。この世代に入っていません",
            "no permission to read it; it is not in this snapshot",
          )
        : say(
            language,
            `読めません（${why}）。この世代に入っていません`,
            `cannot be read (${why}); it is not in this snapshot`,
          );
  return `△ ${visible(path)}: ${reason}`;
}

const STATES: Readonly<Record<CopyBackup["state"], readonly [string, string, string]>> = {
  current: ["○", "最新", "current"],
  behind: ["△", "遅れています", "behind"],
  absent: ["―", "つながっていません", "absent"],
  failed: ["×", "失敗", "failed"],
};

function copyRow(
  { name, state, objectsSent, bytesSent }: CopyBackup,
  language: Language,
): string[] {
  const [mark, ja, en] = STATES[state];
  const sent = say(
    language,
    `送った量 ${formatBytes(bytesSent)}`,
    `sent ${formatBytes(bytesSent)}`,
  );
  return [mark, name, say(language, ja, en), objectsSent > 0 ? sent : ""];
}

function copyAdvice({ name, state, fault, lacking }: CopyBackup, language: Language): string[] {
  if (fault) return [`  ${name}: ${fault.what[language]}`, `    → ${fault.next[language]}`];
  if (state !== "behind") return [];
  return [
    say(
      language,
      `  ${name}: 壊れている、またはほかの写しからも手に入らないものが ${lacking.length} 件あり、新しい世代を置けません → mikura verify --all で調べてください`,
      `  ${name}: ${lacking.length} of its objects are damaged, or in no other copy either; no new snapshot can stand there → find out with mikura verify --all`,
    ),
  ];
}
