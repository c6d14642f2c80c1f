import type { Day } from "./calendar.ts";
import { sum, type Figures } from "./ledger-figures.ts";
import { writeXlsx, type Row, type Sheet } from "./xlsx.ts";

/** 請求管理.xlsx: the invoices of all months, and the money that is still to come. */
export async function makeWorkbook(figures: Figures, day: Day): Promise<Buffer> {
  return await writeXlsx([invoiceSheet(figures), expectedSheet(figures)], day);
}

function invoiceSheet(figures: Figures): Sheet {
  const invoices = figures.months.flatMap((month) => month.invoices);
  const last = invoices.length + 1; // the heading is row 1
  return {
    name: "請求一覧",
    rows: [
      [
        "請求書番号",
        "請求日",
        "支払期日",
        "得意先コード",
        "得意先名",
        "税抜金額",
        "消費税",
        "請求金額",
      ],
      ...invoices.map(({ number, date, due, customer, net, tax, yen }): Row => {
        return [number, { day: date }, { day: due }, customer.code, customer.name, net, tax, yen];
      }),
      [
        "合計",
        "",
        "",
        "",
        "",
        { sum: `F2:F${last}`, yen: sum(invoices.map(({ net }) => net)) },
        { sum: `G2:G${last}`, yen: sum(invoices.map(({ tax }) => tax)) },
        { sum: `H2:H${last}`, yen: sum(invoices.map(({ yen }) => yen)) },
      ],
    ],
  };
}

/** Its total is the total of the newest list of balances. */
function expectedSheet(figures: Figures): Sheet {
  const { balances, invoices, total } = figures.months[2];
  const dueOf = new Map(invoices.map(({ customer, due }) => [customer.code, due]));
  const open = balances.filter(({ balance }) => balance !== 0n);
  return {
    name: "入金予定",
    rows: [
      ["得意先コード", "得意先名", "入金予定日", "入金予定額", "備考"],
      ...open.map(({ customer, balance }): Row => {
        const due = dueOf.get(customer.code);
        const note = balance < 0n ? "過入金のため次回相殺" : "";
        return [customer.code, customer.name, due ? { day: due } : "", balance, note];
      }),
      ["合計", "", "", { sum: `D2:D${open.length + 1}`, yen: total.balance }, ""],
    ],
  };
}
