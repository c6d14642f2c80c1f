import type { ExitCode, Fault } from "../base/fault.ts";
import type { Language, Words } from "../base/words.ts";
import type { Surroundings } from "../jobs/common/surroundings.ts";

/** An option of the command line beside the ones that every command has. */
export interface OptionSpec {
  /** Name of its value in the help; absent: a switch. */
  readonly value?: string;
  readonly about: Words;
}

/** What a command is given to work with. */
export interface Session {
  readonly around: Surroundings;
  /** Path of the policy file, as given or by default. */
  readonly policyFile: string;
  /** True where the user named the policy file. */
  readonly policyGiven: boolean;
  readonly json: boolean;
  /** Arguments that are no options. */
  readonly words: readonly string[];
  option(name: string): string | undefined;
  flag(name: string): boolean;
  /** The policy has said its language: errors after this are in it. */
  speak(language: Language): void;
  /** The result, to stdout; a line end is added. */
  out(text: string): void;
  /** Remarks beside the result, to stderr. */
  note(text: string): void;
  /** What went wrong and what to do next, to stderr. */
  complain(fault: Fault): void;
  /** A question with a default answer, on the terminal; undefined where there is none to ask. */
  readonly ask?: (question: string, fallback: string) => Promise<string>;
}

export interface Command {
  readonly name: string;
  readonly summary: Words;
  /** Arguments in the help, such as "[DATASET…]". */
  readonly usage: string;
  /** How many words it takes: at least, at most. */
  readonly words: readonly [number, number];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What it does and an example or two, for `--help`. */
  readonly help: Words;
  run(session: Session): Promise<ExitCode>;
}

/** Prints a result once, as JSON or in the policy's language. */
export function print(session: Session, json: unknown, text: () => string): void {
  session.out(session.json ? JSON.stringify(json, undefined, 2) : text());
}

/** Picks the words of a language. */
export function say(language: Language, ja: string, en: string): string {
  return language === "ja" ? ja : en;
}
