import type { Sleep } from "./retry.ts";

/** A limit on how fast bytes are sent. All connections of one copy share one. */
export interface Pace {
  /** Resolves when `bytes` more may be sent; rejects when `signal` aborts. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

export interface PaceOptions {
  readonly bytesPerSecond: number;
  /** Milliseconds on a clock that nobody sets (`performance.now`). */
  readonly now: () => number;
  readonly sleep: Sleep;
}

interface Waiting {
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly go: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * A bucket that fills at the given speed and holds the bytes of one second. Whoever comes first is
 * served first. A piece larger than the bucket waits until all of it is earned: drivers that send in
 * small pieces send evenly.
 */
export function createPace({ bytesPerSecond, now, sleep }: PaceOptions): Pace {
  if (!(bytesPerSecond > 0) || !Number.isFinite(bytesPerSecond))
    throw new RangeError(`Cannot send at a speed of ${bytesPerSecond} bytes per second`);
  const queue: Waiting[] = [];
  let earned = bytesPerSecond;
  let filledAt = now();
  let serving = false;

  function fill(limit: number): void {
    const at = now();
    const sum = earned + (Math.max(0, at - filledAt) / 1000) * bytesPerSecond;
    earned = Math.min(sum, limit);
    filledAt = at;
  }

  /** Serves the queue until it is empty; one of these works at a time. */
  async function serve(): Promise<void> {
    serving = true;
    for (let first = queue[0]; first; first = queue[0]) {
      const { bytes, signal, go, fail } = first;
      try {
        signal.throwIfAborted();
        fill(Math.max(bytes, bytesPerSecond));
        if (earned < bytes) {
          await sleep(Math.max(1, Math.ceil(((bytes - earned) / bytesPerSecond) * 1000)), signal);
          continue;
        }
        earned -= bytes;
        go();
      } catch (error) {
        fail(error);
      }
      queue.shift();
    }
    serving = false;
  }

  return {
    take(bytes, signal) {
      if (!(bytes >= 0) || !Number.isFinite(bytes))
        return Promise.reject(new RangeError(`Cannot wait for ${bytes} bytes`));
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      return new Promise<void>((resolve, reject) => {
        // Whoever leaves keeps a place in the queue, and is passed over when its turn comes.
        const leave = (): void => reject(signal.reason as Error);
        const done = (end: () => void): void => {
          signal.removeEventListener("abort", leave);
          end();
        };
        const waiting: Waiting = {
          bytes,
          signal,
          go: () => done(resolve),
          fail: (error) => done(() => reject(error)),
        };
        signal.addEventListener("abort", leave, { once: true });
        queue.push(waiting);
        if (serving) return;
        fill(bytesPerSecond); // idle time earns one second's bytes, whatever comes after it
        void serve();
      });
    },
  };
}
