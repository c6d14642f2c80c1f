import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { EXIT, Fault, asFault } from "./base/fault.ts";
import { systemClock } from "./base/clock.ts";
import { noProgress } from "./base/progress.ts";
import { VERSION } from "./base/version.ts";
import { type Language, languageOf } from "./base/words.ts";
import { type Arguments, readArguments } from "./commands/arguments.ts";
import type { Command, Session } from "./commands/command.ts";
import { commandHelp, findCommand, programHelp } from "./commands/commands.ts";
import { ProgressLine } from "./commands/progress-line.ts";
import { PolicyUnsound } from "./policy/mistakes.ts";

// The door: arguments, environment, terminal and signals come in here and are passed on.

// oxlint-disable-next-line no-restricted-properties -- the environment is read here and nowhere else
const { env } = process;
/** Of messages: the terminal's, until a policy has said its own. */
let language = languageOf(env);

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === "help" || name === "--help") {
    process.stdout.write(`${await programHelp(language)}\n`);
    return name === undefined ? EXIT.usage : EXIT.well;
  }
  if (name === "--version") {
    process.stdout.write(`mikura ${VERSION}\n`);
    return EXIT.well;
  }
  const json = args.includes("--json");
  try {
    const command = await findCommand(name);
    if (!command) throw unknownCommand(name);
    const given = readArguments(command, args);
    if (given.options["help"] === true) {
      process.stdout.write(`${commandHelp(command, language)}\n`);
      return EXIT.well;
    }
    return await runCommand(command, given);
  } catch (error) {
    return report(error, json);
  }
}

async function runCommand(command: Command, given: Arguments): Promise<number> {
  const stop = new AbortController();
  const interrupt = (): void => {
    // The second Ctrl-C does not wait: what is in the copies is safe at any instant (promise 10).
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  };
  // Never taken off: a signal that comes when the work is done must not make it look killed.
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const json = given.options["json"] === true;
  const line = process.stderr.isTTY ? new ProgressLine(terminal, systemClock, language) : undefined;
  try {
    return await command.run(sessionOf(given, json, line, stop.signal));
  } catch (error) {
    line?.clear();
    return report(stop.signal.aborted ? stopped() : error, json);
  } finally {
    line?.clear();
  }
}

const terminal = {
  get columns(): number {
    return process.stderr.columns;
  },
  write: (text: string): void => void process.stderr.write(text),
};

function sessionOf(
  given: Arguments,
  json: boolean,
  line: ProgressLine | undefined,
  signal: AbortSignal,
): Session {
  const { options } = given;
  const option = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const named = option("policy");
  const session: Session = {
    around: {
      clock: systemClock,
      env,
      cwd: process.cwd(),
      hostname: hostname(),
      username: userInfo().username,
      language,
      random: randomBytes,
      progress: line ?? noProgress,
      signal,
    },
    policyFile: named ?? (env["MIKURA_POLICY"] || "mikura.yaml"),
    policyGiven: named !== undefined || Boolean(env["MIKURA_POLICY"]),
    json,
    words: given.words,
    option,
    flag: (name) => options[name] === true,
    speak: (wanted) => {
      language = wanted;
    },
    out: (text) => {
      line?.clear();
      process.stdout.write(`${text}\n`);
    },
    complain: (fault) => {
      line?.clear();
      complain(fault, language);
    },
    note: (text) => {
      line?.clear();
      process.stderr.write(`${text}\n`);
    },
  };
  if (process.stdin.isTTY && process.stderr.isTTY)
    return { ...session, ask: (q, fallback) => ask(q, fallback, signal) };
  return session;
}

async function ask(question: string, fallback: string, signal: AbortSignal): Promise<string> {
  using terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [${fallback}]: `, { signal });
  return answer.trim() || fallback;
}

/** Says what went wrong and what to do next; the exit code. */
function report(error: unknown, json: boolean): number {
  const fault = asFault(error);
  const words: Language = fault instanceof PolicyUnsound ? fault.language : language;
  if (json) process.stdout.write(`${JSON.stringify(fault.toJson(words))}\n`);
  complain(fault, words);
  if (fault.code === "internal" && env["MIKURA_DEBUG"])
    process.stderr.write(
      `${String(fault.cause instanceof Error ? fault.cause.stack : fault.cause)}\n`,
    );
  return fault.exit;
}

function stopped(): Fault {
  return new Fault("interrupted", {
    exit: EXIT.interrupted,
    what: { ja: "止めました", en: "Stopped" },
    next: {
      ja: "写しにあるものは無事です。もう一度実行すれば、続きから行います",
      en: "What is in the copies is safe. Run it again to go on from here",
    },
  });
}

function complain(fault: Fault, words: Language): void {
  process.stderr.write(`mikura: ${fault.what[words]}\n  → ${fault.next[words]}\n`);
}

function unknownCommand(name: string): Fault {
  return new Fault("usage", {
    exit: EXIT.usage,
    what: { ja: `「${name}」という命令はありません`, en: `There is no command "${name}"` },
    next: { ja: "一覧：mikura --help", en: "For a list: mikura --help" },
  });
}

// Last, when all that it uses is defined.
process.exitCode = await main(process.argv.slice(2));
