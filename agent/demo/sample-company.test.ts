import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { makeSampleCompany } from "./sample-company.ts";

const TODAY = new Date("2026-11-21T03:00:00Z");
const root = mkdtempSync(join(tmpdir(), "mikura-demo-"));

afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Every file with the hash of its bytes and its time. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = entries.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
    return [file.slice(folder.length + 1), `${hash} ${statSync(file).mtime.toISOString()}`];
  });
  return Object.fromEntries(files);
}

describe("the sample company", () => {
  it("is the same, byte for byte, for the same seed and day", async () => {
    const [one, two, other] = [join(root, "一"), join(root, "二"), join(root, "三")];
    const made = await makeSampleCompany(one, { today: TODAY, seed: 7 });
    const laterThatDay = new Date(TODAY.getTime() + 3_600_000);
    expect(await makeSampleCompany(two, { today: laterThatDay, seed: 7 })).toEqual(made);
    await makeSampleCompany(other, { today: TODAY, seed: 8 });

    expect(contents(two)).toEqual(contents(one));
    expect(contents(other)).not.toEqual(contents(one));
  });

  it("reports exactly the files that are there, and their figures", async () => {
    const folder = join(root, "files");
    const made = await makeSampleCompany(folder, { today: TODAY });
    if (!made.made) throw new Error("nothing was made");

    expect(made.files).toEqual(Object.keys(contents(folder)).sort());
    expect(made.files).toContain("請求書/2026-10/請求書_000123_株式会社みほん食品.pdf");
    const list = new TextDecoder("shift_jis", { fatal: true }).decode(
      readFileSync(join(folder, "売掛金残高一覧_2026-10.csv")),
    );
    expect(list).toContain(`"${made.totalYen.toLocaleString("ja-JP")}"\r\n`);
    expect(list.trimEnd().split("\r\n")).toHaveLength(made.customers + 2);
  });

  it("holds names and files that backups stumble over", async () => {
    const folder = join(root, "oddities");
    const made = await makeSampleCompany(folder, { today: TODAY });
    if (!made.made) throw new Error("nothing was made");

    const decomposed = made.files.filter((name) => name !== name.normalize("NFC"));
    expect(decomposed).toHaveLength(1);
    expect(decomposed[0]).toContain("か\u3099");
    expect(made.files.some((name) => name.includes(" "))).toBe(true);
    expect(statSync(join(folder, "督促リスト.txt")).size).toBe(0);
    expect(readdirSync(join(folder, "請求書", "2026-11"))).toEqual([]);
    const note = readFileSync(join(folder, "はじめに_これは見本の会社です.txt"));
    expect(new TextDecoder("shift_jis", { fatal: true }).decode(note)).toContain(
      "すべて架空のものです",
    );
  });

  it("leaves a sample that is there already as it is", async () => {
    const folder = join(root, "again");
    await makeSampleCompany(folder, { today: TODAY });
    const before = contents(folder);
    expect(await makeSampleCompany(folder, { today: new Date("2027-06-01"), seed: 9 })).toEqual({
      made: false,
    });
    expect(contents(folder)).toEqual(before);
  });

  it("refuses a folder with anything else in it", async () => {
    const folder = mkdtempSync(join(root, "taken-"));
    writeFileSync(join(folder, "本物の台帳.csv"), "x");
    await expect(makeSampleCompany(folder, { today: TODAY })).rejects.toMatchObject({
      code: "target-not-empty",
    });
    expect(readdirSync(folder)).toEqual(["本物の台帳.csv"]);
  });

  it("finishes what an interrupted run began", async () => {
    const whole = join(root, "whole");
    const made = await makeSampleCompany(whole, { today: TODAY });
    const folder = mkdtempSync(join(root, "half-"));
    writeFileSync(join(folder, "見本の会社を作成中.txt"), "");
    writeFileSync(join(folder, "売掛金.db"), "half a database");

    expect(await makeSampleCompany(folder, { today: TODAY })).toEqual(made);
    expect(contents(folder)).toEqual(contents(whole));
  });
});
