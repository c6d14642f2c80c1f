import { access } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, type ExitCode } from "../base/fault.ts";
import { makeSampleCompany } from "../demo/sample-company.ts";
import { noVault, type Workplace } from "../jobs/common/workplace.ts";
import { init } from "../jobs/init/init.ts";
import { type Status, status } from "../jobs/status/status.ts";
import { type Round, nextDue, workDue } from "../jobs/watch/watch.ts";
import { backupExit, backupJson, backupText } from "./backup.ts";
import { type Command, type Session, print, say } from "./command.ts";
import { drillExit, drillJson, drillText } from "./drill.ts";
import { formatTime } from "./format.ts";
import { codeText } from "./init.ts";
import { statusExit, statusJson, statusText } from "./status.ts";
import { verifyExit, verifyJson, verifyText } from "./verify.ts";
import { withPlace } from "./with-place.ts";

export const runCommand: Command = {
  name: "run",
  summary: {
    ja: "見張り番：時間が来たことを行い続けます（--once なら1回）",
    en: "the agent: does what is due, forever (or once)",
  },
  usage: "[--once]",
  words: [0, 0],
  options: {
    once: { about: { ja: "今やるべきことだけを行い、終わる", en: "do what is due now and exit" } },
  },
  help: {
    ja: `方針書の予定に従って、世代を作り、読み返し、復元訓練をします。止めるには Ctrl-C。
電源が切れていて逃した予定は、次に動いたときに1回だけ行います。`,
    en: `Backs up, reads back and drills by the policy's schedule. Ctrl-C stops it.
What was missed while the machine was off is done once when it runs again.`,
  },
  async run(session) {
    let code = await round(session, true);
    while (!session.flag("once")) {
      const next = await withPlace(session, { alone: false }, async (place) => {
        const { policy, ledger } = place;
        const at = nextDue(policy, ledger);
        const { language, timezone } = policy;
        const time = formatTime(at, timezone);
        session.note(
          say(language, `次の予定：${time}。止めるには Ctrl-C`, `Next: ${time}. Ctrl-C stops it`),
        );
        return at;
      });
      if (!(await until(session, next))) return EXIT.well;
      code = await round(session, false);
    }
    return code;
  },
};

/** The longest sleep: a machine that slept notices within this time that something is due. */
const LONGEST_SLEEP_MS = 60_000;

/** False where it was told to stop: while nothing is being done that is no interruption. */
async function until(session: Session, at: number): Promise<boolean> {
  const { clock, signal } = session.around;
  while (clock.now() < at && !signal.aborted) {
    const wait = Math.min(LONGEST_SLEEP_MS, at - clock.now());
    await sleep(wait, undefined, { signal }).catch(() => {});
  }
  return !signal.aborted;
}

async function round(session: Session, first: boolean): Promise<ExitCode> {
  return await withPlace(session, { alone: true }, async (place) => {
    await prepare(session, place);
    const { language } = place.policy;
    const done = await workDue(place, first && place.policy.demo);
    const state = await status(place);
    print(session, roundJson(done, state, language), () => roundText(place, done, state));
    return worst(done, state);
  });
}

/** A practice policy makes its own sample company and vault; a real one is made by `init`. */
async function prepare(session: Session, place: Workplace): Promise<void> {
  const { policy, ledger, around } = place;
  if (ledger.vault.id !== undefined) return;
  if (!policy.demo) throw noVault();
  const { language } = policy;
  const [folder] = policy.datasets.flatMap(({ folders }) => folders);
  if (folder !== undefined && (await isMissing(folder))) {
    const made = await makeSampleCompany(folder, { today: new Date(around.clock.now()) });
    if (made.made) {
      session.note(
        say(
          language,
          `見本の会社のデータを作りました：${folder}（${made.files.length}件、得意先 ${made.customers}）`,
          `Made a sample company's data: ${folder} (${made.files.length} files, ${made.customers} customers)`,
        ),
      );
    }
  }
  const { recoveryCode, copies } = await init(place);
  if (recoveryCode !== undefined) {
    session.note(codeText(recoveryCode, language));
    ledger.vault.markCodeShown(around.clock.now());
  }
  const broken = copies.find(({ fault }) => fault);
  if (broken?.fault) throw broken.fault;
}

async function isMissing(folder: string): Promise<boolean> {
  return await access(folder).then(
    () => false,
    () => true,
  );
}

function roundJson(done: Round, state: Status, language: "ja" | "en"): unknown {
  return {
    ...(done.backup ? { backup: backupJson(done.backup, language) } : {}),
    ...(done.verify ? { verify: verifyJson(done.verify, language) } : {}),
    ...(done.drills ? { drill: drillJson(done.drills, language) } : {}),
    status: statusJson(state, language),
  };
}

function roundText(place: Workplace, done: Round, state: Status): string {
  const { language } = place.policy;
  const part = (ja: string, en: string, text: string | undefined): string[] =>
    text === undefined ? [] : [say(language, `【${ja}】`, `[${en}]`), text, ""];
  return [
    ...part("取り込み", "backup", done.backup && backupText(done.backup, language)),
    ...part("照合", "verify", done.verify && verifyText(done.verify, language)),
    ...part("復元訓練", "drill", done.drills && drillText(done.drills, language)),
    statusText(place, state),
  ].join("\n");
}

function worst(done: Round, state: Status): ExitCode {
  const codes = new Set([
    done.backup && backupExit(done.backup),
    done.verify && verifyExit(done.verify),
    done.drills && drillExit(done.drills),
    statusExit(state),
  ]);
  const order: ExitCode[] = [EXIT.data, EXIT.failed, EXIT.incomplete];
  return order.find((code) => codes.has(code)) ?? EXIT.well;
}
