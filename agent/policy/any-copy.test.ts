import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EVERYWHERE } from "./fixture.ts";
import { loadPolicy } from "./load.ts";
import { PolicyUnsound } from "./mistakes.ts";
import type { Policy } from "./policy.ts";

describe("whatever stands at a key of a copy", () => {
  const LINES = EVERYWHERE.split("\n");
  const FIRST = LINES.indexOf("copies:") + 1;
  const line = fc.integer({ min: FIRST, max: LINES.length - 2 });
  const SIGNS = fc.constantFrom(
    ...Array.from(":/@.,-_ '\"{}[]#?*%\\~$；：／＠　\n\t1aA三"),
    ..."https:// http:// s3:// rest: branch: env MB/s 20:00 -07:00 .. user:pass@ AKIAIOSFODNN7EXAMPLE".split(
      " ",
    ),
  );
  const typed = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.array(SIGNS, { maxLength: 12 }).map((parts) => parts.join("")),
  );

  /** The policy or its mistakes; whatever else is thrown fails the test. */
  async function outcome(content: string): Promise<Policy | PolicyUnsound> {
    const readFile = async (): Promise<Uint8Array> => Buffer.from(content);
    const surroundings = { readFile, env: { HOME: "/home/hanako" }, cwd: "/srv" } as const;
    return loadPolicy("mikura.yaml", { ...surroundings, language: "en" }).catch(
      (error: unknown) => {
        if (error instanceof PolicyUnsound) return error;
        throw error;
      },
    );
  }

  function replaced(index: number, value: string): string {
    return LINES.with(
      index,
      (LINES[index] ?? "").replace(/: .*$|:$/u, () => `: ${value}`),
    ).join("\n");
  }

  test("it is read or explained, with its line and what to do", async () => {
    const value = fc.oneof(
      fc.jsonValue().map((json) => JSON.stringify(json)),
      typed.map((text) => JSON.stringify(text)),
      typed,
    );
    await fc.assert(
      fc.asyncProperty(line, value, async (index, text) => {
        const result = await outcome(replaced(index, text));
        if (!(result instanceof PolicyUnsound)) {
          expect(result.copies.length).toBeGreaterThan(2);
          return;
        }
        expect(result.mistakes.length).toBeGreaterThan(0);
        for (const { line, what, next } of result.mistakes) {
          expect(line).toBeGreaterThan(0);
          for (const words of [what, next])
            for (const said of [words.ja, words.en]) expect(said.trim()).not.toBe("");
        }
      }),
      { numRuns: 700 },
    );
  });

  test("however long it is", async () => {
    const units = [
      "a",
      "-",
      " ",
      ":",
      ":x",
      "a.",
      "/",
      "://",
      "@",
      ",",
      "..",
      "=a",
      "1",
      "\\",
      "あ",
    ];
    for (const unit of units)
      for (const text of [
        unit.repeat(4000),
        `${unit.repeat(4000 / unit.length)}!`,
        `branch:${unit.repeat(1000)}!@`,
        `a${unit.repeat(1000)}!:x`,
      ])
        for (const key of [
          "path",
          "remote",
          "url",
          "user",
          "bucket",
          "prefix",
          "region",
          "upload",
          "between",
        ]) {
          const at = LINES.findIndex((line) => new RegExp(`\\b${key}:`, "u").test(line));
          const line = (LINES[at] ?? "").replace(
            new RegExp(`(\\b${key}: )(?:"[^"]*"|[^ ,}]+)`, "u"),
            (_, start: string) => start + JSON.stringify(text),
          );
          await outcome(LINES.with(at, line).join("\n"));
        }
  });

  test("no message repeats the password of an address, a connection string or a key", async () => {
    const secret = fc
      .tuple(typed, typed)
      .map((around) => around.join("GEHEIM").replaceAll("\n", ""));
    const address = fc.constantFrom(
      (text: string) => `https://mihon:${text}@backup.example.jp/mihon`,
      (text: string) => `https://${text}@backup.example.jp`,
      (text: string) => `rest:http://mihon:${text}@backup.example.jp/mihon`,
      (text: string) => `backup.example.jp:${text}@x/mihon`,
      (text: string) => `:sftp,host=example.jp,user=mihon,pass=${text}:mikura`,
      (text: string) => `branch,secret_access_key='${text}':mikura`,
    );
    const quoted = fc.constantFrom(
      (text: string) => JSON.stringify(text),
      (text: string) => `'${text.replaceAll("'", "''")}'`,
    );
    await fc.assert(
      fc.asyncProperty(line, address, quoted, secret, async (index, within, quote, text) => {
        const result = await outcome(replaced(index, quote(within(text))));
        if (result instanceof PolicyUnsound)
          expect(`${result.what.ja}${result.what.en}${result.next.ja}`).not.toContain("GEHEIM");
      }),
      { numRuns: 700 },
    );
  });

  test("nor where the text is broken YAML", async () => {
    const broken = fc.constantFrom(
      "    url: https://mihon:GEHEIM@backup.example.jp: x",
      "    url: 'https://mihon:GEHEIM@backup.example.jp",
      "   url: https://mihon:GEHEIM@backup.example.jp",
      "    secret-access-key: GEHEIM: x",
      "    pass：GEHEIM",
      "    password: *GEHEIM",
      "    url: *https://mihon:GEHEIM@backup.example.jp",
      "    url：https://mihon:GEHEIM@backup.example.jp",
      "    limit: { password: GEHEIM",
    );
    await fc.assert(
      fc.asyncProperty(line, broken, async (index, text) => {
        const result = await outcome(LINES.with(index, text).join("\n"));
        expect(result).toBeInstanceOf(PolicyUnsound);
        expect((result as PolicyUnsound).what.ja).not.toContain("GEHEIM");
        expect((result as PolicyUnsound).what.en).not.toContain("GEHEIM");
      }),
      { numRuns: 300 },
    );
  });
});
