import type { ChildProcess, StdioOptions } from "node:child_process";
import { RcloneLog } from "./rclone-log.ts";
import type { Rclone } from "./program.ts";

/** A running rclone. */
export interface RcloneChild {
  readonly process: ChildProcess;
  readonly log: RcloneLog;
  /** Resolves when it has ended and all that it said is read. Never rejects. */
  readonly ended: Promise<Ending>;
  /** Waits `graceMs` for it to end by itself, then helps, and helps more after as long again. */
  stop(graceMs: number): Promise<void>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started. */
  readonly error?: Error;
}

export interface ChildOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its stdin and its stdout. */
  readonly stdio: readonly [StdioEnd, StdioEnd];
}

type StdioEnd = Exclude<StdioOptions, string>[number];

export function startChild(rclone: Rclone, { args, env, stdio }: ChildOptions): RcloneChild {
  const child = rclone(...args, {
    env: { ...env },
    stdio: [...stdio, "pipe"],
    // A group of its own: Ctrl-C in the terminal reaches mikura, which then ends it in order; and
    // what rclone starts (ssh) is killed with it.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const log = new RcloneLog();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => log.take(text));
  // A broken pipe shows as the end of the child.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.on("error", () => undefined);

  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  let over = false;
  const finish = (ending: Ending): void => {
    over = true;
    log.end();
    resolve(ending);
  };
  child.on("error", (error) => {
    if (child.pid === undefined) finish({ code: null, signal: null, error });
  });
  child.once("close", (code, signal) => finish({ code, signal }));
  // What it started may outlive it and keep the pipes open: "close" would never come.
  child.once("exit", () => kill(child, "SIGKILL"));

  const endsWithin = async (ms: number): Promise<boolean> => {
    const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
    const timer = setTimeout(giveUp, ms);
    await Promise.race([ended, late]);
    clearTimeout(timer);
    return over;
  };

  return {
    process: child,
    log,
    ended,
    async stop(graceMs) {
      child.stdout?.resume(); // unread bytes would keep "close" back
      if (await endsWithin(graceMs)) return;
      kill(child, "SIGTERM");
      if (await endsWithin(graceMs)) return;
      kill(child, "SIGKILL");
      await ended;
    },
  };
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // gone already
  }
}
