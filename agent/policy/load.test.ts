import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fault } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import { loadPolicy } from "./load.ts";
import type { Policy } from "./policy.ts";

const SMALLEST = `mikura: 1
demo: true
company: みほん
site: 本社
key-file: agent.key
datasets:
  ar: { folders: [data, 入金 記録] }
copies:
  one: { type: local, path: one, site: 本社, medium: disk }
  old: { type: local, path: old, site: 本社, medium: nas, rotates: 2w, made-by: restic, password-file: pw }
`;

async function load(
  content: string | Uint8Array,
  env: Record<string, string> = { HOME: "/home/hanako" },
  language: Language = "en",
): Promise<Policy> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return loadPolicy("etc/mikura.yaml", { readFile: async () => bytes, env, cwd: "/srv", language });
}

async function faultOf(content: string | Uint8Array, language: Language = "en"): Promise<unknown> {
  return load(content, {}, language).catch((error: unknown) => error);
}

test("a short policy is filled in with defaults, and its paths start from its folder", async () => {
  expect(await load(SMALLEST)).toEqual({
    file: "/srv/etc/mikura.yaml",
    hash: createHash("sha256").update(SMALLEST).digest("hex"),
    company: "みほん",
    language: "ja",
    timezone: "Asia/Tokyo",
    site: "本社",
    keyFile: "/srv/etc/agent.key",
    state: expect.stringMatching(/^\/home\/hanako\/\.local\/state\/mikura\/[0-9a-f]{12}$/u),
    demo: true,
    datasets: [
      {
        name: "ar",
        title: "ar",
        folders: ["/srv/etc/data", "/srv/etc/入金 記録"],
        exclude: [],
        schedule: "0 12,19 * * 1-5",
        rpoS: 86_400,
        rtoS: 14_400,
      },
    ],
    copies: [{ name: "one", type: "local", paths: ["/srv/etc/one"], site: "本社", medium: "disk" }],
    foreign: [
      {
        name: "old",
        type: "local",
        path: "/srv/etc/old",
        site: "本社",
        medium: "nas",
        rotatesS: 1_209_600,
        madeBy: "restic",
        passwordFile: "/srv/etc/pw",
      },
    ],
    retention: { daily: 14, weekly: 8, monthly: 13, yearly: 10 },
    verify: { schedule: "30 2 * * *", fullPassS: 2_592_000 },
    drill: { schedule: "0 4 1 * *" },
    waive: {},
  });
});

describe("the ledger's usual place", () => {
  test("follows XDG_STATE_HOME where that is absolute", async () => {
    const chosen = await load(SMALLEST, { HOME: "/home/hanako", XDG_STATE_HOME: "/var/state" });
    expect(chosen.state).toMatch(/^\/var\/state\/mikura\/[0-9a-f]{12}$/u);
    const ignored = await load(SMALLEST, { HOME: "/home/hanako", XDG_STATE_HOME: "state" });
    expect(ignored.state).toMatch(/^\/home\/hanako\/\.local\/state\/mikura\/[0-9a-f]{12}$/u);
  });

  test("without a home it must be written", async () => {
    expect(await faultOf(SMALLEST)).toMatchObject({ mistakes: [{ key: "state" }] });
  });
});

describe("the language of the messages", () => {
  test.each<[string, string | Uint8Array, Language, Language]>([
    ["is the file's", "language: en\n???", "ja", "en"],
    [
      "is the file's, though it is no UTF-8",
      Buffer.from("language: ja\n\x96{", "latin1"),
      "en",
      "ja",
    ],
    [
      "is the file's, though it is UTF-16",
      Buffer.from("\uFEFFlanguage: ja\n", "utf16le"),
      "en",
      "ja",
    ],
    ["is the file's, with a full-width colon", "language：en\n", "ja", "en"],
    ["is the caller's where the file names none", "x: 1", "ja", "ja"],
    ["is the caller's where the file names another", "language: fr", "en", "en"],
  ])("%s", async (_, content, asked, expected) => {
    expect(await faultOf(content, asked)).toMatchObject({ language: expected });
  });
});

test("a file that is not there is a fault of its own", async () => {
  const missing = loadPolicy("no/such.yaml", { readFile, env: {}, cwd: "/srv", language: "ja" });
  await expect(missing).rejects.toMatchObject({ code: "policy-missing", exit: 2 });
  const folder = loadPolicy("/", { readFile, env: {}, cwd: "/srv", language: "ja" });
  await expect(folder).rejects.toMatchObject({ code: "policy-missing", exit: 2 });
});

test("the demonstration may point upwards, a real policy may not", async () => {
  const upward = SMALLEST.replace("path: one", "path: ../one");
  expect((await load(upward)).copies[0]).toMatchObject({ paths: ["/srv/one"] });
});

test("Windows line ends, quotes and comments change nothing", async () => {
  const typed = SMALLEST.replace("company: みほん", 'company: " みほん " # 社名').replaceAll(
    "\n",
    "\r\n",
  );
  expect((await load(typed)).company).toBe("みほん");
});

test("a good policy may hold full-width signs inside its texts", async () => {
  const typed = SMALLEST.replace("company: みほん", 'company: "site：本社、path:　みほん"');
  expect((await load(typed)).company).toBe("site：本社、path:　みほん");
});

describe("no bytes bring the loader to anything but a policy or a fault of exit 2", () => {
  const judged = async (content: string | Uint8Array): Promise<void> => {
    const result = await load(content).catch((error: unknown) => error);
    if (result instanceof Fault) expect(result.exit).toBe(2);
    else expect(result).toHaveProperty("copies");
  };

  test("bytes of any kind", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), judged), { numRuns: 500 });
  });

  test("signs that YAML knows", async () => {
    const signs = fc.constantFrom(
      ...Array.from("{}[]:,-?*&!|>%@`#\"'\n\t 　：a1~<=\\￥\uFEFF"),
      "datasets:",
      "copies:",
      "__proto__: ",
    );
    const text = fc.array(signs, { maxLength: 60 }).map((parts) => parts.join(""));
    await fc.assert(fc.asyncProperty(text, judged), { numRuns: 1000 });
  });

  test("any value at any key", async () => {
    const line = fc.constantFrom(...SMALLEST.split("\n").keys());
    await fc.assert(
      fc.asyncProperty(line, fc.jsonValue(), async (index, value) => {
        const lines = SMALLEST.split("\n");
        lines[index] = (lines[index] ?? "").replace(
          /: .*$|:$/u,
          () => `: ${JSON.stringify(value)}`,
        );
        await judged(lines.join("\n"));
      }),
      { numRuns: 500 },
    );
  });

  test("a good policy with one part cut out or put in", async () => {
    const position = fc.nat(SMALLEST.length);
    await fc.assert(
      fc.asyncProperty(position, fc.nat(5), fc.string({ maxLength: 3 }), async (at, length, put) =>
        judged(SMALLEST.slice(0, at) + put + SMALLEST.slice(at + length)),
      ),
      { numRuns: 1000 },
    );
  });
});
