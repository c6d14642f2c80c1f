import { buffer } from "node:stream/consumers";

import { ZipArchive } from "archiver";

import { spreadsheetDay, startInTokyo, type Day } from "./calendar.ts";

export type Cell =
  | string
  | bigint
  | { readonly day: Day }
  /** A sum and what it comes to: programs that do not calculate show the latter. */
  | { readonly sum: string; readonly yen: bigint };
export type Row = readonly Cell[];

export interface Sheet {
  readonly name: string;
  /** The first row is the heading and stays in view. */
  readonly rows: readonly [Row, ...Row[]];
}

const HEAD = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`;
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** The place of each style in cellXfs below. */
const STYLE = { text: 0, heading: 1, yen: 2, day: 3, total: 4 } as const;

const STYLES = `${HEAD}
<styleSheet xmlns="${MAIN}">
  <numFmts count="2">
    <numFmt numFmtId="164" formatCode="#,##0;&quot;△&quot;#,##0"/>
    <numFmt numFmtId="165" formatCode="yyyy/mm/dd"/>
  </numFmts>
  <fonts count="2">
    <font><sz val="11"/><name val="游ゴシック"/></font>
    <font><b/><sz val="11"/><name val="游ゴシック"/></font>
  </fonts>
  <fills count="2">
    <fill><patternFill patternType="none"/></fill>
    <fill><patternFill patternType="gray125"/></fill>
  </fills>
  <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
  <cellStyleXfs count="1"><xf/></cellStyleXfs>
  <cellXfs count="5">
    <xf/>
    <xf fontId="1" applyFont="1"/>
    <xf numFmtId="164" applyNumberFormat="1"/>
    <xf numFmtId="165" applyNumberFormat="1"/>
    <xf numFmtId="164" fontId="1" applyNumberFormat="1" applyFont="1"/>
  </cellXfs>
</styleSheet>
`;

/** A workbook of Office Open XML (ECMA-376), the same bytes for the same sheets and day. */
export async function writeXlsx(sheets: readonly Sheet[], day: Day): Promise<Buffer> {
  const zip = new ZipArchive();
  const bytes = buffer(zip);
  const date = startInTokyo(day);
  for (const [name, text] of Object.entries(parts(sheets))) zip.append(text, { name, date });
  await zip.finalize();
  return await bytes;
}

function parts(sheets: readonly Sheet[]): Record<string, string> {
  const numbered = sheets.map((sheet, at) => ({
    ...sheet,
    id: `rId${at + 1}`,
    part: `sheet${at + 1}.xml`,
  }));

  const types = numbered.map(
    ({ part }) => `<Override PartName="/xl/${part}" ContentType="${TYPE}.worksheet+xml"/>`,
  );
  const entries = numbered.map(
    ({ name, id }, at) => `<sheet name="${escape(name)}" sheetId="${at + 1}" r:id="${id}"/>`,
  );
  const relations = numbered.map(({ id, part }) => relation(id, "worksheet", part));

  return {
    "[Content_Types].xml": `${HEAD}
<Types xmlns="${PACKAGE}/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
  <Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>
  <Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/>
  ${types.join("")}
</Types>
`,
    "_rels/.rels": relationships([relation("rId1", "officeDocument", "xl/workbook.xml")]),
    "xl/workbook.xml": `${HEAD}
<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}">
  <sheets>${entries.join("")}</sheets>
</workbook>
`,
    "xl/_rels/workbook.xml.rels": relationships([
      ...relations,
      relation("styles", "styles", "styles.xml"),
    ]),
    "xl/styles.xml": STYLES,
    ...Object.fromEntries(numbered.map(({ part, rows }) => [`xl/${part}`, sheetXml(rows)])),
  };
}

function relationships(relations: readonly string[]): string {
  return `${HEAD}
<Relationships xmlns="${PACKAGE}/relationships">${relations.join("")}</Relationships>
`;
}

function relation(id: string, kind: string, target: string): string {
  return `<Relationship Id="${id}" Type="${RELATIONS}/${kind}" Target="${target}"/>`;
}

function sheetXml(rows: Sheet["rows"]): string {
  const body = rows.map((row, at) => {
    const cells = row.map((cell, column) =>
      cellXml(`${columnName(column)}${at + 1}`, cell, at === 0),
    );
    return `<row r="${at + 1}">${cells.join("")}</row>\n`;
  });
  return `${HEAD}
<worksheet xmlns="${MAIN}">
  <sheetViews>
    <sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>
  </sheetViews>
  <cols><col min="1" max="${rows[0].length}" width="20" customWidth="1"/></cols>
  <sheetData>
${body.join("")}</sheetData>
</worksheet>
`;
}

function cellXml(place: string, cell: Cell, heading: boolean): string {
  if (typeof cell === "bigint") return `<c r="${place}" s="${STYLE.yen}"><v>${cell}</v></c>`;
  if (typeof cell === "string") {
    if (cell === "") return "";
    const style = heading ? STYLE.heading : STYLE.text;
    // Text inside the cell, not in a shared table: one part less, and every spreadsheet program reads it.
    return `<c r="${place}" s="${style}" t="inlineStr"><is><t>${escape(cell)}</t></is></c>`;
  }
  if ("day" in cell)
    return `<c r="${place}" s="${STYLE.day}"><v>${spreadsheetDay(cell.day)}</v></c>`;
  return `<c r="${place}" s="${STYLE.total}"><f>SUM(${cell.sum})</f><v>${cell.yen}</v></c>`;
}

/** A to Z: our sheets are narrow. */
function columnName(column: number): string {
  return String.fromCharCode("A".charCodeAt(0) + column);
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
