import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPace, type Pace } from "./pace.ts";
import { sleep } from "./retry.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that moves on to the next sleeper as soon as nothing else can happen. */
class Simulated {
  at = 0;
  readonly #sleepers = new Set<Sleeper>();

  readonly now = (): number => this.at;

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const sleeper = { at: this.at + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason as Error);
      });
    });

  async run(): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      const next = [...this.#sleepers].sort((a, b) => a.at - b.at)[0];
      if (!next) return;
      this.#sleepers.delete(next);
      this.at = Math.max(this.at, next.at);
      next.wake();
    }
  }
}

interface Sent {
  readonly at: number;
  readonly bytes: number;
  readonly by: number;
}

/** Connections that send pieces, with pauses between them; returns what was sent, in order. */
async function send(
  bytesPerSecond: number,
  connections: readonly (readonly { readonly bytes: number; readonly pauseMs: number }[])[],
): Promise<Sent[]> {
  const time = new Simulated();
  const pace = createPace({ bytesPerSecond, now: time.now, sleep: time.sleep });
  const { signal } = new AbortController();
  const sent: Sent[] = [];
  const all = connections.map(async (pieces, by) => {
    for (const { bytes, pauseMs } of pieces) {
      if (pauseMs > 0) await time.sleep(pauseMs, signal);
      await pace.take(bytes, signal);
      sent.push({ at: time.at, bytes, by });
    }
  });
  await time.run();
  await Promise.all(all);
  return sent;
}

function sumOf(sent: readonly Sent[]): number {
  return sent.reduce((sum, { bytes }) => sum + bytes, 0);
}

const piece = fc.record({
  bytes: fc.integer({ min: 0, max: 5000 }),
  pauseMs: fc.constantFrom(0, 0, 0, 1, 700, 5000),
});
const connections = fc.array(fc.array(piece, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 4,
});

describe("createPace", () => {
  it("lets pass no more than its speed in any window, but for one second's burst", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: 20_000 }), connections, async (speed, plan) => {
        const sent = await send(speed, plan);
        expect(sent).toHaveLength(plan.flat().length);
        const burst = Math.max(speed, ...sent.map(({ bytes }) => bytes));
        for (let from = 0; from < sent.length; from++) {
          for (let to = from; to < sent.length; to++) {
            const windowS = (sent[to]!.at - sent[from]!.at) / 1000;
            const passed = sumOf(sent.slice(from, to + 1));
            expect(passed).toBeLessThanOrEqual(speed * windowS + burst + 1e-6);
          }
        }
      }),
    );
  });

  it("reaches its speed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1000, max: 1e6 }), async (speed) => {
        const pieces = Array.from({ length: 100 }, () => ({ bytes: 997, pauseMs: 0 }));
        const sent = await send(speed, [pieces, pieces, pieces]);
        const idealMs = Math.max(0, (3 * 100 * 997) / speed - 1) * 1000;
        // A timer cannot wake between two milliseconds, so each wait may be one too long; what that
        // loses is earned all the same.
        expect(sent.at(-1)!.at).toBeLessThanOrEqual(idealMs + 2);
        expect(sent.at(-1)!.at).toBeGreaterThanOrEqual(Math.floor(idealMs));
      }),
    );
  });

  it("serves in order of coming, and starves nobody", async () => {
    const big = Array.from({ length: 20 }, () => ({ bytes: 4000, pauseMs: 0 }));
    const small = Array.from({ length: 20 }, () => ({ bytes: 10, pauseMs: 0 }));
    const sent = await send(1000, [big, small, small]);
    // Each connection asks again as soon as it was served: so they take turns.
    expect(sent.map(({ by }) => by)).toEqual(sent.map((_, n) => n % 3));
  });

  it("earns one second at most while nothing is sent", async () => {
    const sent = await send(1000, [
      [
        { bytes: 1000, pauseMs: 0 },
        { bytes: 3000, pauseMs: 60_000 },
      ],
    ]);
    expect(sent.map(({ at }) => at)).toEqual([0, 62_000]);
  });

  /** Three waiting; the one given goes away after 500 ms. */
  async function leaving(who: number): Promise<string[]> {
    const time = new Simulated();
    const pace = createPace({ bytesPerSecond: 1000, now: time.now, sleep: time.sleep });
    const signals = [0, 1, 2].map(() => new AbortController());
    await pace.take(1000, signals[0]!.signal);
    const seen: string[] = [];
    const all = signals.map(async ({ signal }, n) => {
      const end = await pace.take(1000, signal).then(
        () => "sent",
        (error: Error) => error.message,
      );
      seen.push(`${n} ${end} ${time.at}`);
    });
    const going = time
      .sleep(500, new AbortController().signal)
      .then(() => signals[who]!.abort(new Error("left")));
    await time.run();
    await Promise.all([going, ...all]);
    return seen;
  }

  it("lets go of who is cancelled, and gives the place to the next", async () => {
    expect(await leaving(0)).toEqual(["0 left 500", "1 sent 1000", "2 sent 2000"]);
    expect(await leaving(1)).toEqual(["1 left 500", "0 sent 1000", "2 sent 2000"]);
    expect(await leaving(2)).toEqual(["2 left 500", "0 sent 1000", "1 sent 2000"]);
  });

  it("takes nothing for who has gone already", async () => {
    const time = new Simulated();
    const pace = createPace({ bytesPerSecond: 1000, now: time.now, sleep: time.sleep });
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(pace.take(1000, gone)).rejects.toThrow("gone");
    const { signal } = new AbortController();
    await pace.take(1000, signal);
    expect(time.at).toBe(0);
    const waiting = pace.take(1000, signal);
    await expect(pace.take(1000, gone)).rejects.toThrow("gone");
    expect(time.at).toBe(0);
    await time.run();
    await waiting;
    expect(time.at).toBe(1000);
  });

  it("passes a sleep's own failure to the one that waits", async () => {
    const broken = async (): Promise<never> => {
      throw new Error("no timer");
    };
    const pace = createPace({ bytesPerSecond: 1, now: () => 0, sleep: broken });
    const { signal } = new AbortController();
    await pace.take(1, signal);
    await expect(pace.take(1, signal)).rejects.toThrow("no timer");
    await expect(pace.take(1, signal)).rejects.toThrow("no timer");
  });

  it("keeps its speed on a real clock", async () => {
    const pace: Pace = createPace({ bytesPerSecond: 1e6, now: () => performance.now(), sleep });
    const { signal } = new AbortController();
    const began = performance.now();
    for (let n = 0; n < 20; n++) await pace.take(65_536, signal);
    expect(performance.now() - began).toBeGreaterThanOrEqual((20 * 65_536) / 1000 - 1000 - 1);
  });

  it.each([0, -1, Number.NaN, Infinity])("refuses the speed and the size %d", async (number) => {
    const { now, sleep } = new Simulated();
    expect(() => createPace({ bytesPerSecond: number, now, sleep })).toThrow(RangeError);
    const pace = createPace({ bytesPerSecond: 1, now, sleep });
    const { signal } = new AbortController();
    if (number !== 0) await expect(pace.take(number, signal)).rejects.toThrow(RangeError);
    else await pace.take(0, signal);
  });
});
