import { mkdir, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { errnoOf, Fault } from "../base/fault.ts";
import { dayAfter, dayInTokyo, lastDay, monthFrom, startInTokyo, type Day } from "./calendar.ts";
import { toCp932 } from "./cp932.ts";
import { balanceList, contactList } from "./csv.ts";
import { writeDatabase } from "./database.ts";
import { COMPANY } from "./fictional.ts";
import { makeInvoicePdf } from "./invoice-pdf.ts";
import { makeFigures, type Figures } from "./ledger-figures.ts";
import { makeWorkbook } from "./workbook.ts";

export interface SampleOptions {
  /** The months in the sample are the three that closed before this day in Tokyo. */
  readonly today: Date;
  /** Another seed, other figures. The same seed and day give the same bytes. */
  readonly seed?: number;
}

export type SampleCompany =
  | {
      readonly made: true;
      /** Every file, relative to the folder, with "/", sorted. */
      readonly files: string[];
      readonly customers: number;
      /** What all customers together owe: the total of the newest list of balances. */
      readonly totalYen: bigint;
    }
  /** The sample was there already; nothing was touched. */
  | { readonly made: false };

/** By this name a finished sample is known; while it is being made the note has the other name. */
const NOTE = "はじめに_これは見本の会社です.txt";
const UNFINISHED = "見本の会社を作成中.txt";
const DATABASE = "売掛金.db";

/** Writes the sample company's folder. A folder with anything else in it is refused; an interrupted sample is finished. */
export async function makeSampleCompany(
  folder: string,
  { today, seed = 1 }: SampleOptions,
): Promise<SampleCompany> {
  const present = await namesIn(folder);
  if (present.includes(NOTE)) return { made: false };
  if (present.length > 0 && !present.includes(UNFINISHED)) throw notEmpty(folder);

  const day = dayInTokyo(today);
  const figures = makeFigures(day, seed);
  await write(folder, UNFINISHED, note(day), day);
  const files = [NOTE, DATABASE];
  for (const { path, bytes, written } of await sampleFiles(figures, day)) {
    await write(folder, path, bytes, written);
    files.push(path);
  }
  await mkdir(join(folder, "請求書", monthFrom(day, 0)), { recursive: true }); // empty: not yet invoiced

  const database = join(folder, DATABASE);
  await rm(database, { force: true }); // left by an interrupted run
  writeDatabase(database, figures);
  await stamp(database, day);

  await rename(join(folder, UNFINISHED), join(folder, NOTE));
  return {
    made: true,
    files: files.sort(),
    customers: figures.customers.length,
    totalYen: figures.totalYen,
  };
}

interface SampleFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** The day on which the company would have written it. */
  readonly written: Day;
}

async function sampleFiles(figures: Figures, day: Day): Promise<SampleFile[]> {
  const { month, invoices } = figures.months[2];
  const pdfs = invoices.slice(0, 4).map(async (invoice): Promise<SampleFile> => {
    const { code, name } = invoice.customer;
    const path = `請求書/${month}/請求書_${code}_${name}.pdf`;
    return { path, bytes: await makeInvoicePdf(invoice), written: invoice.date };
  });
  return [
    ...figures.months.map((figures) => ({
      path: `売掛金残高一覧_${figures.month}.csv`,
      bytes: balanceList(figures),
      written: dayAfter(lastDay(figures.month), 1),
    })),
    { path: "請求管理.xlsx", bytes: await makeWorkbook(figures, day), written: day },
    ...(await Promise.all(pdfs)),
    { path: "取引先 連絡先 一覧.csv", bytes: contactList(figures.customers), written: day },
    // As a Mac names it: が is か and a combining mark. Other systems show the same name for other bytes.
    {
      path: "がくぶち工房 契約の控え.txt".normalize("NFD"),
      bytes: Buffer.from("契約書の原本は金庫にあります。\n"),
      written: day,
    },
    { path: "督促リスト.txt", bytes: Buffer.alloc(0), written: day },
  ];
}

function note(day: Day): Buffer {
  const lines = [
    `${COMPANY.name}の売掛金フォルダ（見本）`,
    "",
    "mikura を試すための見本です。会社名・人名・金額はすべて架空のものです。",
    "壊しても消しても差し支えありません。フォルダごと削除すると、次回また作られます。",
    "",
    `作成日 ${day}`,
  ];
  return toCp932(lines.map((line) => `${line}\r\n`).join(""));
}

async function write(folder: string, path: string, bytes: Buffer, written: Day): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  await stamp(file, written);
}

async function stamp(file: string, written: Day): Promise<void> {
  const time = startInTokyo(written);
  await utimes(file, time, time);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}

function notEmpty(folder: string): Fault {
  return new Fault("target-not-empty", {
    what: {
      ja: `見本の会社を作る場所が空ではありません：${folder}`,
      en: `The place for the sample company is not empty: ${folder}`,
    },
    next: {
      ja: "空のフォルダか、まだないフォルダを指定してください",
      en: "Name an empty folder, or one that does not exist yet",
    },
  });
}
