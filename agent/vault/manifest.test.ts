import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type RawName, rawFromText, rawToBytes, rawToText } from "../base/raw-name.ts";
import {
  MANIFEST_HEAD,
  type ManifestEntry,
  manifestEntries,
  manifestLine,
  manifestTail,
  sumLine,
} from "./manifest.ts";

const SHA = "c".repeat(64);

function manifestOf(entries: readonly ManifestEntry[], skipped: readonly string[] = []): string {
  const lines = entries.map((entry, i) => manifestLine(entry, i === 0));
  return MANIFEST_HEAD + lines.join("") + manifestTail(skipped);
}

const file: ManifestEntry = {
  path: rawFromText("srv/売掛金.csv"),
  type: "file",
  mode: 2464,
  mtime: 1500000000n,
  size: 12,
  sha256: SHA,
  target: undefined,
};

describe("manifestLine", () => {
  it("writes a file on a line of its own", () => {
    expect(manifestLine(file, true)).toBe(
      `\n{"path":"srv/売掛金.csv","type":"file","mode":"4640","mtime":"1970-01-01T00:00:01.5Z","size":12,"sha256":"${SHA}"}`,
    );
    expect(manifestLine(file, false)).toBe(`,${manifestLine(file, true)}`);
  });

  test.each([
    ["a folder", { type: "dir", mode: 0o755 }, '"type":"dir","mode":"0755"'],
    ["no permissions at all", { mode: 0 }, '"mode":"0000"'],
    ["an empty file", { size: 0 }, '"size":0,'],
    ["a link", { type: "symlink", target: rawFromText("../売") }, '"target":"../売"}'],
    ["a link to what is no UTF-8", { target: "\xff" as RawName }, '"target_base64":"/w=="}'],
    ["a path that is no UTF-8", { path: "a\xff" as RawName }, '{"path_base64":"Yf8="'],
    ["a path of two lines", { path: "a\nb" as RawName }, '{"path":"a\\nb"'],
  ] as const)("writes %s", (_what, fields, part) => {
    const line = manifestLine({ ...file, ...fields }, true);
    expect(line).toContain(part);
    expect(line.slice(1)).not.toContain("\n");
  });
});

describe("manifestEntries", () => {
  const raw = fc
    .uint8Array({ minLength: 1, maxLength: 60 })
    .map((bytes) => Buffer.from(bytes).toString("latin1") as RawName);
  const id = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString("hex"));
  const absent = fc.constant(undefined);
  const entry: fc.Arbitrary<ManifestEntry> = fc.record({
    path: raw,
    type: fc.constantFrom<ManifestEntry["type"]>("file", "dir", "symlink", "other"),
    mode: fc.nat(0o7777),
    mtime: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
    size: fc.oneof(absent, fc.maxSafeNat()),
    sha256: fc.oneof(absent, id),
    target: fc.oneof(absent, raw),
  });

  it("gives back every entry, whatever bytes its names have", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), fc.array(fc.string()), (entries, skipped) => {
        const json = manifestOf(entries, skipped);
        expect([...manifestEntries(Buffer.from(json))]).toEqual(entries);
      }),
      { numRuns: 300 },
    );
  });

  it("reads what is also one JSON document, with the paths that were skipped", () => {
    const json = manifestOf([file, file], ["/srv/a\nb", "売"]);
    expect(JSON.parse(json)).toMatchObject({ mikura: 1, skipped: ["/srv/a\nb", "売"] });
    expect((JSON.parse(json) as { entries: unknown[] }).entries).toHaveLength(2);
    expect(JSON.parse(manifestOf([]))).toEqual({ mikura: 1, entries: [], skipped: [] });
  });

  const whole = manifestOf([file, file]);
  const line = (json: string): string => `${MANIFEST_HEAD}\n${json}${manifestTail([])}`;
  test.each([
    ["nothing", ""],
    ["another head", whole.replace('"mikura":1', '"mikura":2')],
    ["the head alone", MANIFEST_HEAD],
    ["the head and its line end", `${MANIFEST_HEAD}\n`],
    ["half an entry", whole.slice(0, 80)],
    ["no tail", whole.slice(0, whole.lastIndexOf("\n]"))],
    ["a line that is no JSON", line("{")],
    ["a line that is null", line("null")],
    ["a line that is a number", line("5")],
    [
      "an entry without a path",
      line('{"type":"dir","mode":"0755","mtime":"1970-01-01T00:00:00Z"}'),
    ],
    ["an entry without a time", line('{"path":"a","type":"dir","mode":"0755"}')],
  ])("throws SyntaxError for %s", (_what, json) => {
    expect(() => [...manifestEntries(Buffer.from(json))]).toThrow(SyntaxError);
  });
});

describe("sumLine", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mikura-sums-"));
    mkdirSync(join(folder, "srv"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has two spaces and no mark before an ordinary name", () => {
    expect(rawToText(sumLine(rawFromText("srv/売"), SHA))).toBe(`${SHA}  srv/売\n`);
  });

  it("is accepted by sha256sum -c, whatever the name is", () => {
    const names = [
      "plain",
      "-",
      "--help",
      "売掛金 2026.csv",
      " leading",
      "trailing ",
      "*star",
      "~$lock",
      "a\\b",
      "\\",
      "a\\nb",
      "a\nb",
      "\n",
      "a\rb",
      "a\r",
      "tab	here",
      'quo"te',
      "a'b",
      "ÿþ",
      "a\x1B[31mb",
      "#hash",
      "a\\\n\r\\",
      "",
      "é",
      "🧾",
    ].map((name) => (name === "\xff\xfe" ? (name as RawName) : rawFromText(name)));
    const lines = names.map((name, i) => {
      const content = `content ${i}`;
      const path = `srv/${name}` as RawName;
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), rawToBytes(path)]), content);
      return sumLine(path, createHash("sha256").update(content).digest("hex"));
    });
    const sums = Buffer.concat(lines.map(rawToBytes));
    const check = (input: Buffer): string =>
      execFileSync("sha256sum", ["--check", "--strict", "--status"], {
        cwd: folder,
        input,
        stdio: ["pipe", "pipe", "pipe"] as const,
        encoding: "utf8",
      });
    expect(check(sums)).toBe("");
    // It really looked: one wrong digit in the last line is found.
    const wrong = Buffer.from(sums);
    const at = sums.length - lines.at(-1)!.length;
    wrong.write(wrong.toString("latin1", at, at + 1) === "0" ? "1" : "0", at);
    expect(() => check(wrong)).toThrow("Command failed");
  });
});
