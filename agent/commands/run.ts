import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, type ExitCode, asFault } from "../base/fault.ts";
import { noVault, type Workplace } from "../jobs/common/workplace.ts";
import { init } from "../jobs/init/init.ts";
import { type Status, status } from "../jobs/status/status.ts";
import { type Round, nextDue, workDue } from "../jobs/watch/watch.ts";
import { backupExit, backupJson, backupText } from "./backup.ts";
import { type Command, type Session, print, say } from "./command.ts";
import { drillExit, drillJson, drillText } from "./drill.ts";
import { formatTime } from "./format.ts";
import { codeText } from "./init.ts";
import { makePracticeData } from "./practice.ts";
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
    if (session.flag("once")) return await round(session, true);
    for (let first = true; ; first = false) {
      const next = await roundOrRetry(session, first);
      if (!(await until(session, next))) return EXIT.well;
    }
  },
};

/** The longest sleep: a machine that slept notices within this time that something is due. */
const LONGEST_SLEEP_MS = 60_000;

/** After a round that could not be held (no copy connected, another run at work). Milliseconds. */
const RETRY_MS = 10 * 60_000;

/** Does a round; when the next one is due. What stops a round does not stop the agent. */
async function roundOrRetry(session: Session, first: boolean): Promise<number> {
  const { clock, signal } = session.around;
  try {
    await round(session, first);
  } catch (error) {
    // A policy that is unsound, or a vault that was never made, will not mend itself.
    const fault = asFault(error);
    if (signal.aborted || fault.exit === EXIT.usage || fault.code === "internal") throw error;
    session.complain(fault);
    return clock.now() + RETRY_MS;
  }
  return await withPlace(session, { alone: false }, async ({ policy, ledger }) => {
    const at = nextDue(policy, ledger);
    const time = formatTime(at, policy.timezone);
    const words = [
      `次の予定：${time}。止めるには Ctrl-C`,
      `Next: ${time}. Ctrl-C stops it`,
    ] as const;
    session.note(say(policy.language, ...words));
    return at;
  });
}

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
  await makePracticeData(session, place);
  const { recoveryCode, copies } = await init(place);
  if (recoveryCode !== undefined) {
    session.note(codeText(recoveryCode, policy.language));
    ledger.vault.markCodeShown(around.clock.now());
  }
  const broken = copies.find(({ fault }) => fault);
  if (broken?.fault) throw broken.fault;
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
