import { buffer } from "node:stream/consumers";

import Pdf from "pdfkit";

import { dayInWords, startInTokyo } from "./calendar.ts";
import { COMPANY } from "./fictional.ts";
import { JAPANESE_FONT } from "./japanese-font.ts";
import type { Invoice } from "./ledger-figures.ts";
import { yenText } from "./yen.ts";

/** Points (1/72 inch) on A4, 595 x 842. */
const LEFT = 56;
const RIGHT = 539;
const COLUMNS = [
  { title: "品名", x: LEFT, width: 250, align: "left" },
  { title: "数量", x: 310, width: 50, align: "right" },
  { title: "単価", x: 370, width: 75, align: "right" },
  { title: "金額", x: 455, width: 84, align: "right" },
] as const;

/** One invoice on one page, the same bytes for the same invoice. */
export async function makeInvoicePdf(invoice: Invoice): Promise<Buffer> {
  const pdf = new Pdf({
    size: "A4",
    info: {
      Title: `請求書 ${invoice.number}`,
      Author: COMPANY.name,
      CreationDate: startInTokyo(invoice.date), // the document's id is made from this too
    },
  });
  const bytes = buffer(pdf);
  pdf.registerFont("regular", JAPANESE_FONT.regular).registerFont("bold", JAPANESE_FONT.bold);

  heading(pdf, invoice);
  const below = table(pdf, invoice, 340);
  footing(pdf, invoice, below + 24);

  pdf.end();
  return await bytes;
}

function heading(pdf: PDFKit.PDFDocument, { number, customer, date, due, yen }: Invoice): void {
  pdf
    .font("bold")
    .fontSize(22)
    .text("請求書", LEFT, 60, { width: RIGHT - LEFT, align: "center" });
  pdf.fontSize(14).text(`${customer.name} 御中`, LEFT, 130);
  pdf.font("regular").fontSize(10);
  pdf.text(`得意先コード ${customer.code}`, LEFT, 154);

  const sender = [
    `請求書番号 ${number}`,
    `請求日 ${dayInWords(date)}`,
    "",
    COMPANY.name,
    COMPANY.address,
    `電話 ${COMPANY.telephone}`,
    `登録番号 ${COMPANY.registration}`,
  ];
  for (const [at, text] of sender.entries()) {
    pdf.text(text, 300, 130 + at * 17, { width: RIGHT - 300, align: "right" });
  }

  pdf
    .font("bold")
    .fontSize(16)
    .text(`ご請求金額 ${yenText(yen)}円（税込）`, LEFT, 275);
  pdf
    .font("regular")
    .fontSize(10)
    .text(`お支払期限 ${dayInWords(due)}`, LEFT, 304);
}

/** Returns how far down the page it came. */
function table(pdf: PDFKit.PDFDocument, { lines, net, tax, yen }: Invoice, top: number): number {
  let y = top;

  function row(cells: readonly string[], font: "regular" | "bold"): void {
    pdf.font(font).fontSize(10);
    for (const [at, { x, width, align }] of COLUMNS.entries()) {
      pdf.text(cells[at] ?? "", x, y + 4, { width, align, lineBreak: false });
    }
    y += 24;
    pdf.moveTo(LEFT, y).lineTo(RIGHT, y).lineWidth(0.5).strokeColor("#999999").stroke();
  }

  const titles = COLUMNS.map(({ title }) => title);
  row(titles, "bold");
  for (const { goods, count, price, yen } of lines)
    row([goods, yenText(count), yenText(price), yenText(yen)], "regular");
  row(["", "", "小計", yenText(net)], "regular");
  row(["", "", "消費税 10%", yenText(tax)], "regular");
  row(["", "", "合計", yenText(yen)], "bold");
  return y;
}

function footing(pdf: PDFKit.PDFDocument, { customer }: Invoice, top: number): void {
  pdf.font("regular").fontSize(10);
  pdf.text(`お振込先：${COMPANY.bank}`, LEFT, top);
  pdf.text(`お振込の際は得意先コード ${customer.code} をお書き添えください。`, LEFT, top + 18);
  pdf
    .fillColor("#999999")
    .text("この請求書は見本です。会社名・人名・金額はすべて架空のものです。", LEFT, top + 48);
}
