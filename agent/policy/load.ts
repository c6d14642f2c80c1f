import { createHash } from "node:crypto";
import { posix } from "node:path";
import { errnoOf, EXIT, Fault, reasonOf } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import { decodePolicy, languageIn } from "./bytes.ts";
import { withCopyPaths } from "./copy-paths.ts";
import { judge } from "./judge.ts";
import { type Placed, PolicyUnsound, show } from "./mistakes.ts";
import { resolveFrom } from "./paths.ts";
import type { Policy, PolicyText } from "./policy.ts";

/** What `loadPolicy` needs of the outer world. */
export interface PolicySurroundings {
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** HOME and XDG_STATE_HOME are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; what a relative policy path starts from. */
  readonly cwd: string;
  /** For messages, until the file has said its own. */
  readonly language: Language;
}

/**
 * Reads and judges a policy file. Paths in the result are absolute; nothing but the file itself is
 * looked at, so they need not exist.
 *
 * @throws {PolicyUnsound} with every mistake of the file (code "policy-unsound", exit 2)
 * @throws {Fault} "policy-missing" (exit 2) where the file cannot be read
 */
export async function loadPolicy(path: string, surroundings: PolicySurroundings): Promise<Policy> {
  const file = posix.resolve(surroundings.cwd, path);
  const bytes = await readPolicy(file, path, surroundings);
  const folder = posix.dirname(file);
  const decoded = decodePolicy(bytes);
  const { policy, mistakes } = decoded.text === undefined ? NOTHING : judge(decoded.text, folder);
  const state = policy?.state ?? defaultState(file, surroundings.env);
  const homeless = policy && state === undefined ? [NO_HOME] : [];
  const all = [...decoded.mistakes, ...mistakes, ...homeless];
  if (policy === undefined || state === undefined || all.length > 0) {
    const sorted = all.toSorted((a, b) => a.line - b.line || a.column - b.column);
    throw new PolicyUnsound(
      sorted.map(({ line, column, key, what, next }) => ({
        file: path,
        line,
        column,
        key,
        what,
        next,
      })),
      languageIn(bytes) ?? surroundings.language,
    );
  }
  const hash = createHash("sha256").update(bytes).digest("hex");
  return { ...withPathsFrom(folder, { ...policy, state }), file, hash };
}

const NOTHING: ReturnType<typeof judge> = { mistakes: [] };

async function readPolicy(
  file: string,
  path: string,
  { readFile }: PolicySurroundings,
): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const missing = errnoOf(error) === "ENOENT";
    throw new Fault("policy-missing", {
      what: missing
        ? { ja: `方針書 ${show(path)} がありません`, en: `There is no policy file ${show(path)}` }
        : {
            ja: `方針書 ${show(path)} を開けません：${show(reasonOf(error))}`,
            en: `The policy file ${show(path)} cannot be opened: ${show(reasonOf(error))}`,
          },
      next: missing
        ? {
            ja: "--policy ファイル名 で場所を指定するか、mikura init で作ってください",
            en: "Name it with --policy FILE, or make one with mikura init",
          }
        : {
            ja: "ファイルの種類と、読む権限を確かめてください",
            en: "Check that it is a file and that you may read it",
          },
      exit: EXIT.usage,
      cause: error,
    });
  }
}

/** Of each policy its own, told apart by the policy's path. Undefined where the user has no home. */
function defaultState(file: string, env: PolicySurroundings["env"]): string | undefined {
  const { XDG_STATE_HOME: chosen, HOME: home } = env;
  // The XDG specification: a relative path in the variable is invalid and to be ignored.
  const base = chosen?.startsWith("/")
    ? chosen
    : home?.startsWith("/")
      ? `${home}/.local/state`
      : undefined;
  if (base === undefined) return undefined;
  return posix.join(base, "mikura", createHash("sha256").update(file).digest("hex").slice(0, 12));
}

function withPathsFrom<T extends PolicyText & { readonly state: string }>(
  folder: string,
  policy: T,
): T {
  const absolute = (text: string): string => resolveFrom(folder, text);
  return {
    ...policy,
    keyFile: absolute(policy.keyFile),
    state: absolute(policy.state),
    datasets: policy.datasets.map((dataset) => ({
      ...dataset,
      folders: dataset.folders.map(absolute),
    })),
    copies: policy.copies.map((copy) => withCopyPaths(copy, absolute)),
    foreign: policy.foreign.map((copy) => ({
      ...copy,
      path: absolute(copy.path),
      passwordFile: absolute(copy.passwordFile),
    })),
  };
}

const NO_HOME: Placed = {
  line: 1,
  column: 1,
  key: "state",
  what: {
    ja: "台帳の標準の場所が決められません（環境変数 HOME がありません）",
    en: "there is no usual place for the ledger (HOME is not set)",
  },
  next: {
    ja: "「state: /var/lib/mikura」のように書いてください",
    en: "Write it like `state: /var/lib/mikura`",
  },
};
