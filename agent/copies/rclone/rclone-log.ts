import { redact } from "./redact.ts";

export interface LogLine {
  /** Counts up over the life of the child. */
  readonly number: number;
  /** Something went wrong; `false`: only that a request was not met. */
  readonly error: boolean;
  /** Path of the object it is about, or "". */
  readonly object: string;
  /** As rclone said it: may hold secrets. */
  readonly message: string;
}

// A line matters as long as the request that it explains is under way. Errors are kept apart: no
// number of objects that are just not there may push out the one that spoilt a listing.
const KEPT_LINES = 500;
const KEPT_CHARS = 4096;
const LONGEST_LINE = 16_384;

/** rclone tells the reasons of its answers only in the log, and half of them only as "debug". */
const REASON = /request (?:\w+ ){0,2}error: /;

const QUIET: ReadonlySet<string> = new Set(["debug", "info", "notice", "warning"]);

/** What rclone writes to stderr, one JSON object a line (--use-json-log, --log-level DEBUG). */
export class RcloneLog {
  #rest = "";
  #next = 0;
  readonly #errors: LogLine[] = [];
  readonly #misses: LogLine[] = [];
  readonly #waiting = new Set<() => void>();

  /** The number of the next line. */
  get mark(): number {
    return this.#next;
  }

  take(text: string): void {
    const parts = (this.#rest + text).split("\n");
    this.#rest = (parts.pop() ?? "").slice(0, LONGEST_LINE);
    for (const part of parts) this.#add(part.slice(0, LONGEST_LINE));
    for (const wake of this.#waiting) wake();
  }

  /** The child has closed its stderr. */
  end(): void {
    this.take("\n");
  }

  since(mark: number): readonly LogLine[] {
    const lines = [...this.#errors, ...this.#misses].filter(({ number }) => number >= mark);
    return lines.sort((a, b) => a.number - b.number);
  }

  /** Waits until a line since `mark` fits; `undefined` after `ms`, and when `signal` aborts. */
  async find(
    mark: number,
    fits: (line: LogLine) => boolean,
    ms: number,
    signal?: AbortSignal,
  ): Promise<LogLine | undefined> {
    const { promise, resolve } = Promise.withResolvers<LogLine | undefined>();
    const look = (): void => {
      const line = this.since(mark).find(fits);
      if (line) resolve(line);
    };
    const timer = setTimeout(resolve, ms, undefined);
    const leave = (): void => resolve(undefined);
    signal?.addEventListener("abort", leave);
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", leave);
      this.#waiting.delete(look);
    }
  }

  /** The last errors since `mark`, without secrets. */
  said(mark = 0): string {
    const errors = this.since(mark).filter(({ error }) => error);
    return redact(errors.map(({ message }) => message).join("; ")).slice(-KEPT_CHARS);
  }

  #add(text: string): void {
    const line = parse(text);
    if (!line) return;
    const kind = line.error ? this.#errors : this.#misses;
    kind.push({ number: this.#next++, ...line });
    if (kind.length > KEPT_LINES) kind.splice(0, KEPT_LINES / 2);
  }
}

function parse(text: string): Omit<LogLine, "number"> | undefined {
  if (text.trim() === "") return undefined;
  let record: { level?: unknown; msg?: unknown; object?: unknown } | null;
  try {
    record = JSON.parse(text) as typeof record;
  } catch {
    // Its last words before it gives up are plain text: "2026/11/22 05:36:52 Failed to …".
    return { error: true, object: "", message: text.replace(/^[\d/]+ [\d:]+ /, "") };
  }
  const { level, msg, object } = record ?? {};
  if (typeof level !== "string" || typeof msg !== "string") return undefined;
  // A link under an object's name is left out of the listing, with a mere notice.
  const error = !QUIET.has(level) || /^can't follow symlink/i.test(msg);
  if (!error && !REASON.test(msg)) return undefined;
  return { error, object: typeof object === "string" ? object : "", message: msg };
}
