import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";

import { makeFigures, sum } from "./ledger-figures.ts";

const TODAY = "2026-11-21";
const seeds = integer({ min: 0, max: 2 ** 32 - 1 });

describe("the fictional figures", () => {
  it("are the same for the same seed and day, and others for another seed", () => {
    expect(makeFigures(TODAY, 1)).toEqual(makeFigures(TODAY, 1));
    expect(makeFigures(TODAY, 2).totalYen).not.toBe(makeFigures(TODAY, 1).totalYen);
  });

  it("cover the three months that closed before today", () => {
    const { months } = makeFigures("2027-01-01", 1);
    expect(months.map(({ month }) => month)).toEqual(["2026-10", "2026-11", "2026-12"]);
  });

  it("add up in every row, in every total, and from month to month", () => {
    assert(
      property(seeds, (seed) => {
        const { customers, months, totalYen } = makeFigures(TODAY, seed);
        let before = customers.map(({ opening }) => opening);
        for (const { balances, total } of months) {
          expect(balances.map(({ carried }) => carried)).toEqual(before);
          for (const { carried, sold, received, balance } of balances) {
            expect(carried + sold - received).toBe(balance);
          }
          before = balances.map(({ balance }) => balance);
          expect(total.balance).toBe(sum(before));
          expect(total.carried + total.sold - total.received).toBe(total.balance);
        }
        expect(totalYen).toBe(sum(before));
      }),
    );
  });

  it("agree with the invoices and payments behind them", () => {
    assert(
      property(seeds, (seed) => {
        for (const { invoices, payments, total } of makeFigures(TODAY, seed).months) {
          expect(sum(invoices.map(({ yen }) => yen))).toBe(total.sold);
          expect(sum(payments.map(({ yen }) => yen))).toBe(total.received);
          for (const { lines, net, tax, yen } of invoices) {
            expect(sum(lines.map(({ count, price }) => count * price))).toBe(net);
            expect(net + tax).toBe(yen);
          }
        }
      }),
    );
  });

  it("hold for every seed what makes ledgers hard to check", () => {
    assert(
      property(seeds, (seed) => {
        const { customers, months } = makeFigures(TODAY, seed);
        const codes = customers.map(({ code }) => code);
        expect(codes.every((code) => /^0\d{5}$/.test(code))).toBe(true);
        expect(new Set(codes).size).toBe(codes.length);
        expect(months[1].balances.some(({ sold }) => sold < 0n)).toBe(true);
        expect(months[2].balances.filter(({ balance }) => balance < 0n).length).toBeGreaterThan(1);
        expect(
          months[2].balances.some(({ carried, balance }) => carried === 0n && balance === 0n),
        ).toBe(true);
      }),
    );
  });
});
