import { spawnSync } from "node:child_process";

import { describe, expect, it } from "vitest";

import { makeInvoicePdf } from "./invoice-pdf.ts";
import { makeFigures } from "./ledger-figures.ts";

const [invoice] = makeFigures("2026-11-21", 1).months[2].invoices;
if (!invoice) throw new Error("the sample has no invoice");
const bytes = await makeInvoicePdf(invoice);

/** Without Poppler (Debian package poppler-utils) only CI insists. */
const noPoppler = spawnSync("pdftotext", ["-v"]).error !== undefined && !process.env["CI"];

describe("an invoice", () => {
  it("is the same bytes each time", async () => {
    expect(await makeInvoicePdf(invoice)).toEqual(bytes);
  });
});

describe.skipIf(noPoppler)("an invoice, read by another program", () => {
  it("gives back its Japanese text and its sum", () => {
    const { stdout } = spawnSync("pdftotext", ["-layout", "-", "-"], {
      input: bytes,
      encoding: "utf8",
    });
    expect(stdout).toContain("請求書");
    expect(stdout).toContain("株式会社みほん食品 御中");
    expect(stdout).toContain("得意先コード 000123");
    expect(stdout).toContain("請求日 2026年10月31日");
    expect(stdout).toMatch(new RegExp(`ご請求金額 ${invoice.yen.toLocaleString("ja-JP")}円`));
  });

  it("brings its fonts along, on one page", () => {
    const { stdout, stderr } = spawnSync("pdffonts", ["-"], { input: bytes, encoding: "utf8" });
    expect(stderr).toBe("");
    // Columns: name, type, encoding, embedded, subset, has a map to Unicode.
    expect(stdout).toMatch(/NotoSansJP-Regular +CID TrueType +Identity-H +yes yes yes/);
    expect(stdout).toMatch(/NotoSansJP-Bold +CID TrueType +Identity-H +yes yes yes/);
    expect(spawnSync("pdfinfo", ["-"], { input: bytes, encoding: "utf8" }).stdout).toMatch(
      /Pages: +1\n/,
    );
  });
});
