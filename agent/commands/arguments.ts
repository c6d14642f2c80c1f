import { parseArgs } from "node:util";
import { Fault } from "../base/fault.ts";
import type { Words } from "../base/words.ts";
import type { Command } from "./command.ts";

export interface Arguments {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** Options that every command has. */
export const COMMON: Readonly<Record<string, { readonly value?: string; readonly about: Words }>> =
  {
    policy: {
      value: "FILE",
      about: {
        ja: "方針書（省略時：$MIKURA_POLICY、なければここの mikura.yaml）",
        en: "the policy file (default: $MIKURA_POLICY, else mikura.yaml here)",
      },
    },
    json: {
      about: { ja: "結果を JSON 1つで標準出力へ", en: "the result as one JSON document on stdout" },
    },
    help: { about: { ja: "この説明", en: "this help" } },
  };

/** Reads a command's arguments. Throws Fault("usage"), exit 2, for what the command does not know. */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const known = { ...COMMON, ...command.options };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [least, most] = command.words;
    if (values["help"] !== true && positionals.length < least) {
      throw usageFault(command, { ja: "引数が足りません", en: "an argument is missing" });
    }
    if (positionals.length > most) {
      const extra = positionals[most]!;
      throw usageFault(command, {
        ja: `余分な引数「${extra}」`,
        en: `unexpected argument "${extra}"`,
      });
    }
    return { words: positionals, options: values };
  } catch (error) {
    if (error instanceof Fault) throw error;
    const reason = error instanceof Error ? error.message.split(". ")[0]! : String(error);
    throw usageFault(command, { ja: reason, en: reason }, error);
  }
}

function usageFault(command: Command, what: Words, cause?: unknown): Fault {
  return new Fault("usage", {
    exit: 2,
    what: { ja: `${command.name}：${what.ja}`, en: `${command.name}: ${what.en}` },
    next: {
      ja: `使い方：mikura ${command.name} --help`,
      en: `For its use: mikura ${command.name} --help`,
    },
    cause,
  });
}
