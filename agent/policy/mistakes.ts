import { EXIT, Fault } from "../base/fault.ts";
import type { Language, Words } from "../base/words.ts";
import { LONGEST } from "./limits.ts";
import { withoutSecrets } from "./secrets.ts";

/** One thing that is wrong in a policy file, and how to mend it. */
export interface Mistake {
  /** The file as the user named it. */
  readonly file: string;
  /** Both from 1. A missing key has the place of what it should stand in. */
  readonly line: number;
  readonly column: number;
  /** Dotted, `copies.office.path`, `datasets.ar.folders[0]`; empty where no key can be told. */
  readonly key: string;
  readonly what: Words;
  readonly next: Words;
}

/** A mistake before it has a place: `fix` is the value that should stand there instead. */
export interface Advice {
  readonly what: Words;
  readonly next?: Words;
  readonly fix?: unknown;
}

/** A mistake of the text itself; which file it is in is added last. */
export type Placed = Omit<Mistake, "file">;

export type Path = readonly (string | number)[];

export interface Finding {
  readonly path: Path;
  /** Which of the two the mistake is in; `key` also where the value is missing. */
  readonly at: "key" | "value";
  readonly what: Words;
  readonly next: Words;
}

/** Exit 2. `what` lists all mistakes, one a line; `language` is the policy's own where it could be read. */
export class PolicyUnsound extends Fault {
  readonly mistakes: readonly Mistake[];
  readonly language: Language;

  constructor(mistakes: readonly Mistake[], language: Language) {
    super("policy-unsound", {
      what: { ja: printMistakes(mistakes, "ja"), en: printMistakes(mistakes, "en") },
      next: {
        ja: `方針書を直してから、もう一度実行してください（${mistakes.length} か所）`,
        en: `Mend the policy file (${mistakes.length === 1 ? "one place" : `${mistakes.length} places`}), then run it again`,
      },
      exit: EXIT.usage,
    });
    this.mistakes = mistakes;
    this.language = language;
  }
}

/** `mikura.yaml:12:5 copies.office.path: what → next`, one line each. */
export function printMistakes(mistakes: readonly Mistake[], language: Language): string {
  return mistakes.map((mistake) => printMistake(mistake, language)).join("\n");
}

function printMistake(
  { file, line, column, key, what, next }: Mistake,
  language: Language,
): string {
  const subject = key === "" ? "" : ` ${key}:`;
  return oneLine(`${file}:${line}:${column}${subject} ${what[language]} → ${next[language]}`);
}

/** A value of the file inside a sentence: short, without secrets and without anything that a terminal would obey. */
export function show(value: unknown): string {
  const whole = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  // Where its end is not looked at, its beginning may be part of a secret.
  const text = whole.length > LONGEST ? "…" : oneLine(withoutSecrets(whole));
  const letters = Array.from(text);
  return letters.length > 60 ? `${letters.slice(0, 59).join("")}…` : text;
}

export function dotted(path: Path): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === "number") return `${key}[${part}]`;
    return key === "" ? show(part) : `${key}.${show(part)}`;
  }, "");
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}
