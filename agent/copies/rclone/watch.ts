import { BrokenExchange } from "./broken-exchange.ts";

/**
 * rclone takes more than it has sent on (whole parts of a multipart upload, for some services).
 * Until that is through nothing moves here; a line slower than this (bytes per ms) counts as stuck.
 */
const SLOWEST_UPLOAD = 64;

export interface WatchOptions {
  /** Nothing may move for so long (ms). */
  readonly stallMs: number;
  /** Whether the other end of the connection is well, whatever the service behind it does. */
  readonly alive: () => Promise<boolean>;
}

/** Fails when nothing has moved for too long. */
export class Watch {
  readonly failed: Promise<never>;
  readonly fail: (reason: unknown) => void;
  readonly #stallMs: number;
  readonly #alive: () => Promise<boolean>;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #over = false;

  constructor({ stallMs, alive }: WatchOptions) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined); // may be settled when nobody waits any more
    this.failed = promise;
    this.fail = reject;
    this.#stallMs = stallMs;
    this.#alive = alive;
    this.moved(0);
  }

  moved(sent: number): void {
    this.#sent += sent;
    this.#wait(0);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#over = true;
    this.pause();
  }

  #wait(quietMs: number): void {
    this.pause();
    if (this.#over) return;
    this.#timer = setTimeout(() => void this.#quiet(quietMs + this.#stallMs), this.#stallMs);
  }

  async #quiet(quietMs: number): Promise<void> {
    const timer = this.#timer;
    const isLong = quietMs >= this.#stallMs + this.#sent / SLOWEST_UPLOAD;
    if (isLong || !(await this.#alive())) this.fail(new BrokenExchange("stalled"));
    // Meanwhile something may have moved.
    else if (this.#timer === timer) this.#wait(quietMs);
  }
}
