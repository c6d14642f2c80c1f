import { setTimeout as after } from "node:timers/promises";
import { Fault } from "../base/fault.ts";

/** Resolves after `ms`; rejects with the signal's reason as soon as that aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** The real one. */
export const sleep: Sleep = async (ms, signal) => {
  try {
    await after(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted(); // Node's own AbortError says less than the reason
    throw error;
  }
};

/** With what, and for how long, passing trouble is borne. */
export interface Patience {
  /** Ends the waiting at any time, by throwing its reason. */
  readonly signal: AbortSignal;
  /**
   * Milliseconds on a clock that nobody sets (`performance.now`): after an hour of sleep the wall
   * clock would say that all patience is used up, just when the network comes back.
   */
  readonly now: () => number;
  readonly sleep: Sleep;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Default: PATIENCE. */
  readonly limits?: Partial<PatienceLimits>;
}

/** All in milliseconds but `tries`. */
export interface PatienceLimits {
  /** The first wait is at most so long; each later one at most twice the one before. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** One operation, from its first failure. */
  readonly operationMs: number;
  /** Reading one object while the service answers otherwise: then the object is the trouble. */
  readonly objectMs: number;
  /** A service that has not answered once in this run. */
  readonly greetingMs: number;
  /** All time of a run in which there was nothing but failure; each answer gives a second back. */
  readonly runMs: number;
  /** Of one operation, for a clock and a `random` that never let time pass. */
  readonly tries: number;
}

const MINUTE_MS = 60_000;

/**
 * A service that dies costs a run 15 minutes, as with restic, but once only; one that was never
 * there, where somebody may sit and wait, a minute; one that comes and goes, half an hour.
 */
export const PATIENCE: PatienceLimits = {
  firstWaitMs: 1000,
  longestWaitMs: MINUTE_MS,
  operationMs: 15 * MINUTE_MS,
  objectMs: 2 * MINUTE_MS,
  greetingMs: MINUTE_MS,
  runMs: 30 * MINUTE_MS,
  tries: 60,
};

const GIVEN_BACK_MS = 1000;

/** Tries the operations of one service again, within limits that they all share. */
export class Retry {
  readonly #patience: Patience;
  readonly #limits: PatienceLimits;
  /** Whether the service answers at all: one try. */
  readonly #probe: () => Promise<unknown>;
  #answers = 0;
  /** Since when nothing but failures came. */
  #failingSince: number | undefined;
  #lostMs = 0;
  #outOfOrder: Fault | undefined;

  constructor(patience: Patience, probe: () => Promise<unknown>) {
    this.#patience = patience;
    this.#limits = { ...PATIENCE, ...patience.limits };
    this.#probe = probe;
  }

  /** Why the service counts as out of order: from then on, everything fails at once with this. */
  get outOfOrder(): Fault | undefined {
    return this.#outOfOrder;
  }

  /**
   * The answer of `work`, done again where it threw a transient Fault; anything else passes at once.
   * `work` gets the number of the try, from 1. `readsObject`: it reads one object (`objectMs`).
   *
   * @throws the last Fault, where patience has an end
   */
  async persist<T>(
    work: (attempt: number) => Promise<T>,
    { readsObject = false }: { readsObject?: boolean } = {},
  ): Promise<T> {
    const { signal, now, sleep, random } = this.#patience;
    const { firstWaitMs, longestWaitMs, tries } = this.#limits;
    let began: Beginning | undefined;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      if (this.#outOfOrder) throw this.#outOfOrder;
      try {
        const answer = await work(attempt);
        this.#answered();
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (!isTransient(error)) {
          this.#settle(); // or the time until the next operation would count as lost
          throw error;
        }
        began ??= { at: now(), answers: this.#answers };
        this.#failingSince ??= now();
        const leftMs = await this.#left(began, readsObject);
        if (attempt >= tries || leftMs <= 0) {
          await this.#giveUp(began, error);
          throw error;
        }
        // Full jitter: clients that failed together do not come back together.
        const waitMs = random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1));
        await sleep(Math.min(waitMs, leftMs), signal);
      }
    }
  }

  /** How much longer an operation that began to fail may be tried. */
  async #left(began: Beginning, readsObject: boolean): Promise<number> {
    const { operationMs, objectMs, greetingMs, runMs } = this.#limits;
    const failingMs = this.#patience.now() - began.at;
    const leftOfRunMs = runMs - this.#lost();
    if (this.#answers === 0) return Math.min(greetingMs - failingMs, leftOfRunMs);
    const onlyThisObject =
      readsObject && failingMs >= objectMs && (await this.#answersSince(began));
    return onlyThisObject ? 0 : Math.min(operationMs - failingMs, leftOfRunMs);
  }

  /** An operation failed for good. Has the service? */
  async #giveUp(began: Beginning, fault: Fault): Promise<void> {
    const { runMs } = this.#limits;
    const spent = this.#lost() >= runMs;
    if (spent || this.#answers === 0 || !(await this.#answersSince(began)))
      this.#outOfOrder ??= fault;
  }

  /** One object that a service cannot give must not hide all others, so something else is asked. */
  async #answersSince(began: Beginning): Promise<boolean> {
    if (this.#answers > began.answers) return true;
    try {
      await this.#probe();
    } catch (error) {
      this.#patience.signal.throwIfAborted();
      if (isTransient(error)) return false;
    }
    this.#answered();
    return true;
  }

  #answered(): void {
    this.#settle();
    this.#lostMs = Math.max(0, this.#lostMs - GIVEN_BACK_MS);
    this.#answers++;
  }

  #settle(): void {
    this.#lostMs = this.#lost();
    this.#failingSince = undefined;
  }

  #lost(): number {
    const since = this.#failingSince;
    return this.#lostMs + (since === undefined ? 0 : this.#patience.now() - since);
  }
}

/** An operation's first failure, and how many answers the service had given by then. */
interface Beginning {
  readonly at: number;
  readonly answers: number;
}

export function isTransient(error: unknown): error is Fault {
  return error instanceof Fault && error.transient;
}
