import type { Language, Words } from "./words.ts";

/** The exit codes of every command (docs/commands.md). */
export const EXIT = {
  well: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  data: 4,
  busy: 5,
  frozen: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What went wrong, as a stable word that scripts may rely on. */
export type FaultCode =
  | "usage"
  | "runtime"
  | "policy-missing"
  | "policy-unsound"
  | "rule-unmet"
  | "key-missing"
  | "key-unsafe"
  | "key-wrong"
  | "key-damaged"
  | "vault-missing"
  | "vault-exists"
  | "copy-absent"
  | "copy-foreign"
  | "copy-refused"
  | "copy-full"
  | "copy-failed"
  | "object-missing"
  | "object-damaged"
  | "tree-hostile"
  | "too-large"
  | "source-missing"
  | "source-unreadable"
  | "target-not-empty"
  | "target-failed"
  | "no-snapshot"
  | "ambiguous"
  | "self-check"
  | "state-damaged"
  | "busy"
  | "interrupted"
  | "not-available"
  | "internal";

export interface FaultDetails {
  /** What is wrong, for the person who meets it, naming the subject. */
  readonly what: Words;
  /** What to do next, as an instruction. */
  readonly next: Words;
  readonly exit?: ExitCode;
  /** The same may well succeed in a moment: a service that is busy, a connection that broke. */
  readonly transient?: boolean;
  readonly cause?: unknown;
}

/** An error that a user can meet. Its texts must hold no secret. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: FaultCode;
  readonly what: Words;
  readonly next: Words;
  readonly exit: ExitCode;
  readonly transient: boolean;

  constructor(code: FaultCode, details: FaultDetails) {
    super(details.what.en, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.what = details.what;
    this.next = details.next;
    this.exit = details.exit ?? EXIT.failed;
    this.transient = details.transient ?? false;
  }

  /** The contract of `--json`: `{error:{code, message, hint}}`. */
  toJson(language: Language): { error: { code: FaultCode; message: string; hint: string } } {
    return { error: { code: this.code, message: this.what[language], hint: this.next[language] } };
  }
}

/** Errno name of a failed system call ("ENOENT", "ENOSPC"), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** One line that says why, for a log or a cause field. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Any thrown thing as a Fault: what is not one already is a defect of mikura and says so. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("internal", {
    what: {
      ja: `mikura の内部で問題が起きました：${reasonOf(error)}`,
      en: `Something went wrong inside mikura: ${reasonOf(error)}`,
    },
    next: {
      ja: "データは上書きされていません。もう一度実行し、繰り返す場合はこの文を添えて報告してください",
      en: "No data was overwritten. Run it again; if it happens again, report it with this text",
    },
    cause: error,
  });
}
