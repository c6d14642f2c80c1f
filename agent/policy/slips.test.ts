import { describe, expect, test } from "vitest";
import { edited, GOOD, mistakesIn } from "./fixture.ts";

type Row = [from: string, to: string, place: string, ja: string, en: string];

describe("slips of the keyboard are told from real mistakes", () => {
  test.each<Row>([
    ["site: 本社\nkey", "site：本社\nkey", "5:5 site", "コロンが全角", "`site: 本社`"],
    ["site: 本社\nkey", "site:本社\nkey", "5:5 site", "「site: 本社」", "no space after the colon"],
    ["site: 本社\nkey", "site:　本社\nkey", "5:5 site", "全角の空白", "`site: 本社`"],
    ["    title", "\t\ttitle", "11:1 datasets.ar.title", "Tab", "two spaces"],
    ["    title", "　　title", "11:1 datasets.ar.title", "全角の空白", "ordinary space"],
    ["site: 支店", "site：支店", "23:9 copies.branch.site", "「site: 支店」", "`site: 支店`"],
  ])("%j -> %j", async (from, to, place, ja, en) => {
    const fault = await mistakesIn(edited(from, to));
    expect(fault.mistakes).toHaveLength(1);
    expect(fault.what.ja).toContain(`mikura.yaml:${place}: `);
    expect(fault.what.ja).toContain(ja);
    expect(fault.what.en).toContain(en);
  });

  test("what a slip hides is reported with it", async () => {
    const fault = await mistakesIn(
      edited("site: 本社\nkey", "site：本社\nkey").replace("24h", "24"),
    );
    expect(fault.mistakes.map(({ line, key }) => [line, key])).toEqual([
      [5, "site"],
      [15, "datasets.ar.rpo"],
    ]);
  });
});

describe("what is no YAML is explained by line", () => {
  test.each([
    ["    title", "   title", "11", "字下げ", "indentation"],
    ["title: 売掛金", "title: 売掛金: 本店", "11", "囲んで", "quotes"],
    ["[/srv/ar]", "[/srv/ar", "13", "字下げ|閉じる", "indentation|closing"],
    ["local, path: /mnt/nas", "local path: /mnt/nas", "18", "コンマ", "comma"],
    ["company: 株", "company: @株", "2", "囲んで", "quotes"],
    ["key-file: ./agent.key", 'key-file: "C:\\Users"', "6", "/ を使って", "Use /"],
    ["\ndatasets", "---\ndatasets", "8", "「---」の行を消して", "Remove the line ---"],
  ])("%j -> %j", async (from, to, line, ja, en) => {
    const [first] = (await mistakesIn(edited(from, to))).mistakes;
    expect(String(first?.line)).toBe(line);
    expect(`${first?.what.ja}${first?.next.ja}`).toMatch(new RegExp(ja, "u"));
    expect(`${first?.what.en}${first?.next.en}`).toMatch(new RegExp(en, "u"));
  });
});

describe("bytes that are no text of ours", () => {
  const shiftJis = Buffer.concat([
    Buffer.from("mikura: 1\nsite: "),
    Buffer.from([0x96, 0x7b, 0x8e, 0xd0]),
  ]);
  test.each<[string, string | Uint8Array, string, string, string]>([
    ["nothing", "", "1:1 ", "方針書が空です", "is empty"],
    ["only comments", "# やること\n", "1:1 ", "方針書が空です", "is empty"],
    ["prose", "売掛金を守りたい", "1:1 ", "方針書の形", "no policy file"],
    ["a list", "- a\n- b\n", "1:1 ", "方針書の形", "no policy file"],
    ["a BOM", `\uFEFF${GOOD}`, "1:1 ", "BOM", "BOM"],
    ["UTF-16", Buffer.from(`\uFEFF${GOOD}`, "utf16le"), "1:1 ", "UTF-16", "UTF-16"],
    ["Shift_JIS", shiftJis, "2:7 ", "Shift_JIS", "Shift_JIS"],
    ["too much", "#".repeat(70_000), "1:1 ", "64 KiB", "64 KiB"],
    ["depth", "[".repeat(60_000), "1:", "深すぎて", "too deep"],
  ])("%s", async (_, content, place, ja, en) => {
    const fault = await mistakesIn(content);
    expect(fault.mistakes).toHaveLength(1);
    expect(fault.what.ja).toContain(`mikura.yaml:${place}`);
    expect(fault.what.ja).toMatch(new RegExp(ja, "u"));
    expect(fault.what.en).toMatch(new RegExp(en, "u"));
  });
});
