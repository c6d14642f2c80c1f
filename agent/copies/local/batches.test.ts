import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AT_ONCE, inBatches } from "./batches.ts";

describe("inBatches", () => {
  it("gives results in order, with a bound on what runs at once", async () => {
    const items = Array.from({ length: 3 * AT_ONCE + 1 }, (_, n) => n);
    let running = 0;
    let most = 0;
    const doubled = await inBatches(items, async (n) => {
      most = Math.max(most, ++running);
      await wait(n % 3);
      running--;
      return n * 2;
    });
    expect(doubled).toEqual(items.map((n) => n * 2));
    expect(most).toBe(AT_ONCE);
  });

  it("rejects when nothing of the batch is running any more, and begins no other", async () => {
    const ended: number[] = [];
    const batches = inBatches([0, 1, ...Array.from({ length: AT_ONCE }, () => 2)], async (n) => {
      if (n === 0) throw new Error("first");
      await wait(5);
      ended.push(n);
    });
    await expect(batches).rejects.toThrow("first");
    expect(ended).toEqual([1, ...Array.from({ length: AT_ONCE - 2 }, () => 2)]);
  });
});
