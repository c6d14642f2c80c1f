import { describe, expect, it } from "vitest";

import { toCp932 } from "./cp932.ts";
import { balanceList, contactList } from "./csv.ts";
import { makeFigures } from "./ledger-figures.ts";
import { yenText } from "./yen.ts";

const figures = makeFigures("2026-11-21", 1);
const strict = new TextDecoder("shift_jis", { fatal: true });

/** Enough for these lists: no field holds a quote or a line break. */
function cells(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|([^,]+)|(?<=^|,)(?=,|$)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? "",
  );
}

function yen(text: string | undefined): bigint {
  return BigInt((text ?? "").replaceAll(",", "").replace("△", "-"));
}

describe("the list of balances", () => {
  const text = strict.decode(balanceList(figures.months[2]));
  const lines = text.split("\r\n");
  const rows = lines.slice(1, -1).map(cells);

  it("is strict CP932 with CRLF and the agreed columns", () => {
    expect(lines[0]).toBe("得意先コード,得意先名,前月繰越,当月売上,当月入金,残高");
    expect(lines.at(-1)).toBe("");
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(rows.every((row) => row.length === 6)).toBe(true);
  });

  it("keeps leading zeros, ㈱, 髙 and the △ of negative amounts", () => {
    expect(text).toContain("\r\n000123,株式会社みほん食品,");
    expect(text).toContain("㈱サンプル運輸");
    expect(text).toContain("髙見本工務店");
    expect(text).toMatch(/"△[\d,]+"\r\n/);
  });

  it("ends with a total row that is the sum of the rows, read back from the text", () => {
    const total = rows.at(-1);
    expect(total?.slice(0, 2)).toEqual(["", "合計"]);
    for (const column of [2, 3, 4, 5]) {
      const added = rows.slice(0, -1).reduce((sum, row) => sum + yen(row[column]), 0n);
      expect(added).toBe(yen(total?.[column]));
    }
    expect(yen(total?.[5])).toBe(figures.totalYen);
  });
});

describe("texts in CP932", () => {
  it("are refused rather than damaged where the encoding lacks a character", () => {
    expect(() => toCp932("見本😀")).toThrow("not all of this is in CP932");
  });

  it("lists one contact for each customer", () => {
    const lines = strict.decode(contactList(figures.customers)).trimEnd().split("\r\n");
    expect(lines).toHaveLength(figures.customers.length + 1);
  });

  it("print yen as ledgers do", () => {
    expect([1_234_567n, 0n, -1_234n].map(yenText)).toEqual(["1,234,567", "0", "△1,234"]);
  });
});
