import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault } from "../base/fault.ts";
import { remoteFault } from "./remote-faults.ts";
import { PATIENCE, type Patience, type PatienceLimits, Retry, sleep } from "./retry.ts";

const PLACE = { copy: "cloud", place: "s3://test" };
const busy = (): Fault => remoteFault("unsteady", PLACE, "503");
const denied = (): Fault => remoteFault("denied", PLACE, "403");
const MINUTE_MS = 60_000;

/** Time that passes only while something waits. */
class Simulated {
  at = 0;
  readonly waits: number[] = [];
  readonly abort: AbortController = new AbortController();
  readonly patience: Patience;

  constructor(random: () => number = () => 0.5, limits: Partial<PatienceLimits> = {}) {
    this.patience = {
      signal: this.abort.signal,
      now: () => this.at,
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        this.waits.push(ms);
        this.at += ms;
      },
      random,
      limits,
    };
  }
}

/** Fails `failures` times, then answers; counts its calls. */
function flaky(
  failures: number,
  fault: () => Error = busy,
): { work(): Promise<string>; calls: number } {
  return {
    calls: 0,
    async work() {
      if (++this.calls <= failures) throw fault();
      return "answer";
    },
  };
}

const answer = async (): Promise<string> => "answer";
const fail = async (): Promise<never> => {
  throw busy();
};

describe("Retry", () => {
  it("tries again what failed for a moment, with longer and longer waits", async () => {
    const factor = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(factor, { minLength: 8, maxLength: 8 }), async (factors) => {
        let n = 0;
        const time = new Simulated(() => factors[n++ % 8]!);
        const retry = new Retry(time.patience, answer);
        await retry.persist(answer);
        const hiccup = flaky(8);
        expect(await retry.persist(() => hiccup.work())).toBe("answer");
        const ceilings = [1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1000);
        expect(time.waits).toEqual(ceilings.map((ceiling, at) => ceiling * factors[at]!));
      }),
    );
  });

  it.each([denied(), new RangeError("name"), new Error("bug")])(
    "passes on at once: %s",
    async (error) => {
      const time = new Simulated();
      const retry = new Retry(time.patience, answer);
      const failing = flaky(1, () => error);
      await expect(retry.persist(() => failing.work())).rejects.toBe(error);
      expect(failing.calls).toBe(1);
      expect(await retry.persist(() => failing.work())).toBe("answer");
    },
  );

  it("gives up a service that died after a quarter of an hour, and once only", async () => {
    const time = new Simulated();
    const retry = new Retry(time.patience, fail);
    await retry.persist(answer);
    const last = await retry.persist(fail).catch((error: unknown) => error);
    expect(time.at).toBe(PATIENCE.operationMs);
    expect(last).toBe(retry.outOfOrder);
    const later = flaky(0);
    await expect(retry.persist(() => later.work())).rejects.toBe(last);
    expect(later.calls).toBe(0);
    expect(time.at).toBe(PATIENCE.operationMs);
  });

  it("gives up a service that was never there after a minute", async () => {
    const time = new Simulated();
    const retry = new Retry(time.patience, () => expect.fail("asked in vain"));
    await expect(retry.persist(fail)).rejects.toMatchObject({ code: "copy-failed" });
    expect(time.at).toBe(MINUTE_MS);
    expect(retry.outOfOrder).toBeDefined();
  });

  it("gives up a service that comes and goes", async () => {
    const time = new Simulated();
    const retry = new Retry(time.patience, answer);
    let answered = 0;
    const flapping = async (): Promise<void> => {
      const began = time.at;
      await retry.persist(async () => {
        if (time.at - began < 10 * MINUTE_MS) throw busy();
      });
      answered++;
    };
    await retry.persist(answer);
    await expect(
      (async () => {
        for (;;) await flapping();
      })(),
    ).rejects.toBeInstanceOf(Fault);
    expect(answered).toBe(2);
    expect(time.at).toBeLessThanOrEqual(PATIENCE.runMs + 3000);
    expect(retry.outOfOrder).toBeDefined();
  });

  it("bears hiccups for as long as the run takes", async () => {
    const time = new Simulated();
    const retry = new Retry(time.patience, fail);
    for (let n = 0; n < 10_000; n++) {
      const hiccup = flaky(n % 100 === 99 ? 6 : 0);
      await retry.persist(() => hiccup.work());
    }
    expect(time.at).toBeGreaterThan(PATIENCE.runMs);
    expect(retry.outOfOrder).toBeUndefined();
  });

  it("does not count the time in which nobody asked", async () => {
    const time = new Simulated();
    const retry = new Retry(time.patience, fail);
    await retry.persist(answer);
    const faults = [busy(), denied()];
    const both = retry.persist(async () => {
      throw faults.shift()!;
    });
    await expect(both).rejects.toMatchObject({ code: "copy-refused" });
    time.at += 10 * PATIENCE.runMs;
    const hiccup = flaky(3);
    expect(await retry.persist(() => hiccup.work())).toBe("answer");
  });

  it("gives up one object that a service cannot give, and goes on with the others", async () => {
    const time = new Simulated();
    let probes = 0;
    const retry = new Retry(time.patience, async () => void probes++);
    await retry.persist(answer);
    for (let n = 1; n <= 5; n++) {
      const began = time.at;
      await expect(retry.persist(fail, { readsObject: true })).rejects.toBeInstanceOf(Fault);
      expect(time.at - began).toBeGreaterThanOrEqual(PATIENCE.objectMs);
      expect(time.at - began).toBeLessThan(PATIENCE.objectMs + PATIENCE.longestWaitMs);
      expect(probes).toBe(n);
      expect(await retry.persist(answer)).toBe("answer");
    }
  });

  it("gives up one operation while others are answered, and goes on", async () => {
    const time = new Simulated();
    const retry = new Retry(time.patience, () => expect.fail("nothing to find out"));
    await retry.persist(answer);
    const put = retry.persist(async () => {
      await retry.persist(answer);
      throw busy();
    });
    await expect(put).rejects.toBeInstanceOf(Fault);
    expect(time.at).toBe(PATIENCE.operationMs);
    expect(retry.outOfOrder).toBeUndefined();
  });

  it("ends also where no time passes", async () => {
    const time = new Simulated(() => 0);
    const retry = new Retry(time.patience, fail);
    const hopeless = flaky(Infinity);
    await expect(retry.persist(() => hopeless.work())).rejects.toBeInstanceOf(Fault);
    expect(hopeless.calls).toBe(PATIENCE.tries);
  });

  it("can be interrupted while it waits, while it works and before", async () => {
    const reason = new Error("interrupted");
    const waiting = new Simulated();
    const { patience, abort } = waiting;
    const asleep: Patience = {
      ...patience,
      sleep: (ms, signal) => {
        queueMicrotask(() => abort.abort(reason));
        return sleep(ms, signal);
      },
    };
    await expect(new Retry(asleep, fail).persist(fail)).rejects.toBe(reason);
    await expect(new Retry(asleep, fail).persist(() => expect.fail("began"))).rejects.toBe(reason);

    const working = new Simulated();
    const cut = new Retry(working.patience, fail).persist(async () => {
      working.abort.abort(reason);
      throw busy();
    });
    await expect(cut).rejects.toBe(reason);

    const closing = new Simulated();
    const closed = new Retry(closing.patience, fail).persist(async () => {
      closing.abort.abort(reason);
      throw new Error("socket closed");
    });
    await expect(closed).rejects.toBe(reason);
  });
});

describe("sleep", () => {
  it("ends by itself, or with the signal's reason", async () => {
    const { signal } = new AbortController();
    await sleep(1, signal);
    const reason = new Error("enough");
    const abort = new AbortController();
    const sleeping = sleep(1_000_000, abort.signal);
    abort.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(sleep(1, abort.signal)).rejects.toBe(reason);
  });
});
