import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { makeFigures, sum } from "./ledger-figures.ts";
import { makeWorkbook } from "./workbook.ts";
import { writeXlsx } from "./xlsx.ts";

const DAY = "2026-11-21";
const figures = makeFigures(DAY, 1);
const folder = mkdtempSync(join(tmpdir(), "mikura-demo-"));
const file = join(folder, "請求管理.xlsx");

/** Without unzip (Debian package unzip) only CI insists. */
const noUnzip = spawnSync("unzip", ["-v"]).error !== undefined && !process.env["CI"];

function part(name: string): string {
  return execFileSync("unzip", ["-p", file, name], { encoding: "utf8" });
}

function numbers(sheet: string, column: string): bigint[] {
  const cells = sheet.matchAll(new RegExp(`<c r="${column}\\d+" s="2"><v>(-?\\d+)</v>`, "g"));
  return [...cells].map(([, digits]) => BigInt(digits ?? ""));
}

function lastSum(sheet: string): bigint {
  return BigInt(/.*<f>SUM\([A-Z\d:]+\)<\/f><v>(-?\d+)<\/v>/s.exec(sheet)?.[1] ?? "");
}

beforeAll(async () => {
  writeFileSync(file, await makeWorkbook(figures, DAY));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(noUnzip)("the workbook", () => {
  it("is a sound archive with two named sheets", () => {
    execFileSync("unzip", ["-tq", file]); // throws where a checksum is wrong
    expect(part("xl/workbook.xml")).toContain(`<sheet name="請求一覧" sheetId="1" r:id="rId1"/>`);
    expect(part("xl/workbook.xml")).toContain(`<sheet name="入金予定" sheetId="2" r:id="rId2"/>`);
  });

  it("expects as much money as the newest list of balances says", () => {
    const sheet = part("xl/sheet2.xml");
    expect(sum(numbers(sheet, "D"))).toBe(figures.totalYen);
    expect(lastSum(sheet)).toBe(figures.totalYen);
  });

  it("lists every invoice of the three months", () => {
    const sheet = part("xl/sheet1.xml");
    const sold = sum(figures.months.map(({ total }) => total.sold));
    expect(sum(numbers(sheet, "H"))).toBe(sold);
    expect(lastSum(sheet)).toBe(sold);
  });

  it("keeps customer codes as text", () => {
    expect(part("xl/sheet2.xml")).toContain(
      `<c r="A2" s="0" t="inlineStr"><is><t>000123</t></is></c>`,
    );
  });
});

describe("writing a workbook", () => {
  it("gives the same bytes at any time and in any time zone", async () => {
    const write = () => writeXlsx([{ name: "A", rows: [["<&>", 1n, { day: DAY }]] }], DAY);
    const bytes = await write();
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2031-05-05T05:05:05Z") });
    vi.stubEnv("TZ", "America/New_York");
    try {
      expect(await write()).toEqual(bytes);
    } finally {
      vi.unstubAllEnvs();
      vi.useRealTimers();
    }
  });
});
