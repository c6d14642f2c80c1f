import { access, mkdir, open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EXIT, Fault, type ExitCode, errnoOf } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import { rulesNow } from "../jobs/common/rule-facts.ts";
import type { Workplace } from "../jobs/common/workplace.ts";
import { type InitCopy, type InitResult, init } from "../jobs/init/init.ts";
import { whereIs } from "../policy/where.ts";
import { type Command, type Session, print, say } from "./command.ts";
import { askPolicy, practicePolicy } from "./new-policy.ts";
import { makePracticeData } from "./practice.ts";
import { withPlace } from "./with-place.ts";

export const initCommand: Command = {
  name: "init",
  summary: { ja: "方針書・鍵・写しを作ります", en: "makes the policy, the keys and the copies" },
  usage: "[DIR] [--yes]",
  words: [0, 1],
  options: {
    yes: {
      about: {
        ja: "質問せず、練習用の方針書（1台の中に3つの写し）を作る",
        en: "ask nothing: make a practice policy (three copies in one place)",
      },
    },
  },
  help: {
    ja: `方針書がなければ質問して作り、蔵と2つの鍵を作ります。復旧コードは1回だけ表示します。
紙に書き、パソコンとは別の場所に保管してください。すでにある方針書を --policy で渡すと、
足りないものだけを作ります。何度実行しても、あるものは変わりません。

  mikura init ./mikura-setup
  mikura init --policy mikura.yaml`,
    en: `Asks for a policy if there is none, then makes the vault and both keys. The recovery code is
shown once: write it down and keep it away from this computer. With --policy FILE of a policy that
exists, only what is missing is made; it may be run again at any time.

  mikura init ./mikura-setup
  mikura init --policy mikura.yaml`,
  },
  async run(session) {
    const policyFile = await policyOf(session);
    return await withPlace({ ...session, policyFile }, { alone: true }, async (place) => {
      const { policy, ledger, around } = place;
      if (!policy.demo) await requireR1(place);
      if (policy.demo) await makePracticeData(session, place);
      const result = await init(place);
      print(session, initJson(result), () => initText(result, policyFile, policy.language));
      // Only now, when it stands on the screen, has somebody been shown the code.
      if (result.recoveryCode !== undefined) ledger.vault.markCodeShown(around.clock.now());
      return initExit(result);
    });
  },
};

async function policyOf(session: Session): Promise<string> {
  const [dir] = session.words;
  if (session.policyGiven && dir === undefined) return session.policyFile;
  const { cwd, language } = session.around;
  const folder = resolve(cwd, dir ?? ".");
  const file = join(folder, "mikura.yaml");
  if (await exists(file)) return file;
  if (!session.flag("yes") && !session.ask) throw noTerminal();
  const text = session.flag("yes")
    ? practicePolicy(language)
    : await askPolicy(session.ask!, language);
  await mkdir(folder, { recursive: true });
  await using handle = await open(file, "wx", 0o600);
  await handle.writeFile(text);
  session.note(say(language, `方針書を書きました：${file}`, `Policy written: ${file}`));
  return file;
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    (error: unknown) => errnoOf(error) !== "ENOENT",
  );
}

function noTerminal(): Fault {
  return new Fault("usage", {
    exit: 2,
    what: {
      ja: "方針書がなく、質問できる端末もありません",
      en: "There is no policy, and no terminal to ask questions on",
    },
    next: {
      ja: "--policy で方針書を渡すか、練習用なら --yes を付けてください",
      en: "Give a policy with --policy, or add --yes for a practice one",
    },
  });
}

/** R1 is required: three copies on one disk burn together. */
async function requireR1(place: Workplace): Promise<void> {
  const rules = await rulesNow(place, await place.copies());
  const r1 = rules.find(({ rule }) => rule === "R1");
  if (r1?.met !== false) return;
  throw new Fault("rule-unmet", {
    exit: 2,
    what: {
      ja: `3か所の決まり R1 を満たしていません：${r1.detail.ja}`,
      en: `Rule R1 of the three copies is not met: ${r1.detail.en}`,
    },
    next: {
      ja: `${place.policy.file} の copies の path を別々の機器（別のディスク、NAS など）に直し、もう一度 init を実行してください。練習なら demo: true と書きます`,
      en: `In ${place.policy.file}, give each copy a path on a device of its own (another disk, a NAS), then run init again. For practice, write demo: true`,
    },
  });
}

function initExit({ copies }: InitResult): ExitCode {
  return copies.every(({ state }) => state === "made" || state === "ready")
    ? EXIT.well
    : EXIT.incomplete;
}

function initJson({ made, recoveryCode, copies }: InitResult): unknown {
  return {
    made,
    recovery_code: recoveryCode ?? null,
    copies: copies.map(({ copy, state }) => ({ name: copy.name, state })),
  };
}

function initText(
  { made, recoveryCode, copies }: InitResult,
  file: string,
  language: Language,
): string {
  const lines = [
    made
      ? say(language, "○ 蔵を作りました", "○ The vault is made")
      : say(language, "○ 蔵はあります", "○ The vault is there"),
    ...copies.map((copy) => copyText(copy, language)),
  ];
  if (recoveryCode !== undefined) lines.push("", codeText(recoveryCode, language), "");
  lines.push(
    say(language, `次に：mikura backup --policy ${file}`, `Next: mikura backup --policy ${file}`),
  );
  return lines.join("\n");
}

const STATES: Readonly<Record<InitCopy["state"], readonly [string, string, string]>> = {
  made: ["○", "作りました", "made"],
  ready: ["○", "あります", "is there"],
  absent: ["―", "つながっていません", "is absent"],
  failed: ["×", "作れません", "cannot be made"],
};

function copyText({ copy, state, fault }: InitCopy, language: Language): string {
  const [mark, ja, en] = STATES[state];
  const line = `  ${mark} ${copy.name}  ${whereIs(copy)}  ${say(language, ja, en)}`;
  return fault ? `${line}\n    ${fault.what[language]}\n    → ${fault.next[language]}` : line;
}

export function codeText(code: string, language: Language): string {
  const rule = "─".repeat(56);
  return [
    rule,
    say(
      language,
      "  復旧コード（今だけ表示します。紙に書いてください）",
      "  Recovery code (shown only now: write it on paper)",
    ),
    "",
    `    ${code}`,
    "",
    say(
      language,
      "  このパソコンと鍵ファイルを失っても、このコードと写し1つで\n  すべて取り戻せます。このパソコンとは別の場所に保管してください",
      "  If this computer and its key file are lost, this code and any one copy\n  bring everything back. Keep it away from this computer",
    ),
    rule,
  ].join("\n");
}
