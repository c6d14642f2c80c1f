import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InOrder } from "./in-order.ts";

describe("InOrder", () => {
  it("applies each part once, in the order found, whenever each becomes ready", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ readyAt: fc.nat(30), pushedAt: fc.nat(30) }), { maxLength: 40 }),
        (parts) => {
          const order = new InOrder();
          const applied: number[] = [];
          const pushed = parts.map((part, i) => ({ ...part, i }));
          pushed.sort((a, b) => a.pushedAt - b.pushedAt || a.i - b.i);
          let now = 0;
          for (; now <= 30; now++) {
            for (const part of pushed.filter(({ pushedAt }) => pushedAt === now)) {
              order.push(
                () => applied.push(part.i),
                () => now >= part.readyAt,
              );
            }
            order.drain();
            const here = pushed.filter(({ pushedAt }) => pushedAt <= now);
            const blocked = here.findIndex(({ readyAt }) => readyAt > now);
            const free = blocked < 0 ? here : here.slice(0, blocked);
            expect(applied).toEqual(free.map(({ i }) => i));
            expect(order.length).toBe(here.length - free.length);
          }
        },
      ),
    );
  });

  it("takes parts without a question as ready", () => {
    const order = new InOrder();
    const applied: string[] = [];
    order.push(() => applied.push("a"));
    expect(applied).toEqual([]);
    order.drain();
    order.drain();
    expect(applied).toEqual(["a"]);
  });

  it("keeps the order over many thousands of parts, of which some wait", () => {
    const order = new InOrder();
    let gate = 0;
    const applied: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      order.push(
        () => applied.push(i),
        () => i < gate,
      );
    }
    for (gate of [1, 4096, 4097, 4098, 10_000, 10_001, 20_000]) {
      order.drain();
      expect([applied.length, order.length]).toEqual([gate, 20_000 - gate]);
    }
    expect(applied).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
  });
});
