import { toCp932 } from "./cp932.ts";
import { COMPANY, PERSONS } from "./fictional.ts";
import type { Balance, Customer, MonthFigures } from "./ledger-figures.ts";
import { yenText } from "./yen.ts";

/** 売掛金残高一覧: what the company's sales program exports at the end of a month. */
export function balanceList(figures: MonthFigures): Buffer {
  return csv([
    ["得意先コード", "得意先名", "前月繰越", "当月売上", "当月入金", "残高"],
    ...figures.balances.map((row) => [row.customer.code, row.customer.name, ...amounts(row)]),
    ["", "合計", ...amounts(figures.total)],
  ]);
}

/** 取引先連絡先一覧: personal data beside the ledger, as in every real folder. */
export function contactList(customers: readonly Customer[]): Buffer {
  return csv([
    ["得意先コード", "得意先名", "担当者", "電話番号"],
    ...customers.map(({ code, name }, place) => [
      code,
      name,
      PERSONS[place % PERSONS.length] ?? "",
      COMPANY.telephone,
    ]),
  ]);
}

function amounts(row: Balance): string[] {
  return [row.carried, row.sold, row.received, row.balance].map(yenText);
}

function csv(rows: readonly (readonly string[])[]): Buffer {
  return toCp932(rows.map((row) => `${row.map(field).join(",")}\r\n`).join(""));
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
