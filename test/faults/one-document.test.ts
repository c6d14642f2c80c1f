import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Workbench, Workbench as Bench } from "../e2e/workbench.ts";
import { smallCompany } from "./lab.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await smallCompany();
  writeFileSync(join(bench.source, "second.txt"), "second");
});
afterAll(() => bench[Symbol.dispose]());

/** In an order in which each finds what it needs. */
const WELL: readonly (readonly [string, readonly string[], number, readonly string[]])[] = [
  ["check", [], 0, ["rules", "copies"]],
  ["backup", [], 0, ["datasets", "copies", "seconds"]],
  ["verify", ["--all"], 0, ["copies", "seconds"]],
  ["drift", [], 0, ["findings"]],
  ["drill", [], 0, ["drills"]],
  ["restore", ["--copy", "home", "--to", "out"], 0, ["snapshot", "files", "wrong"]],
  ["restore", ["--copy", "home", "--zip", "out.zip"], 0, ["snapshot", "files", "wrong"]],
  ["snapshots", [], 0, ["snapshots"]],
  ["diff", ["latest", "latest"], 0, []],
  ["status", [], 0, ["verdict", "rules", "datasets", "actions"]],
  ["init", [], 0, ["made", "recovery_code", "copies"]],
  ["run", ["--once"], 0, ["status"]],
];

describe("--json prints exactly one document on stdout, and a pipe gets no progress", () => {
  it.each(WELL)("%s %j", async (command, args, code, keys) => {
    const ran = await bench.mikura(command, ...args, "--json");
    expect(ran.stderr).toBe("");
    expect(ran.code).toBe(code);
    expect(Object.keys(ran.json)).toEqual(expect.arrayContaining([...keys]));
    expect(ran.stdout.endsWith("\n")).toBe(true);
    const plain = command === "restore" ? undefined : await bench.mikura(command, ...args);
    expect(plain?.stderr ?? "").toBe("");
    expect(plain?.stdout ?? "").not.toContain("\u001b"); // no colour, no cursor
  });

  it.each([
    ["backup", ["nothing"], 2, "usage"],
    ["backup", ["--wrong"], 2, "usage"],
    ["verify", ["--copy", "nowhere"], 2, "usage"],
    ["drill", ["--dataset", "nothing"], 2, "usage"],
    ["restore", [], 2, "usage"],
    ["restore", ["--copy", "home", "--to", "."], 2, "target-not-empty"],
    ["restore", ["--copy", "home", "--to", "source/in"], 2, "target-failed"],
    ["restore", ["--copy", "home", "--to", "copies/home/in"], 2, "target-failed"],
    ["restore", ["--copy", "home", "--to", "x", "--snapshot", "0000"], 2, "no-snapshot"],
    ["diff", ["latest", "0000"], 2, "no-snapshot"],
    ["status", ["extra"], 2, "usage"],
    ["no-such-command", [], 2, "usage"],
  ] as const)("%s %j fails in one document as well", async (command, args, code, name) => {
    const ran = await bench.mikura(command, ...args, "--json");
    expect([ran.code, ran.json]).toEqual([
      code,
      { error: { code: name, message: expect.any(String), hint: expect.any(String) } },
    ]);
    const plain = await bench.mikura(command, ...args);
    expect([plain.code, plain.stdout]).toEqual([code, ""]);
    expect(plain.stderr).toMatch(/^mikura: .+\n {2}→ .+\n$/);
    expect(plain.stderr).not.toMatch(/^ {4}at /m); // no stack for a mistake of the user
  });
});

describe("a mistake in the policy", () => {
  const MISTAKES: readonly [string, (text: string) => string, RegExp][] = [
    ["unknown key", (text) => text.replace("site: 本社", "sites: 本社"), /:6:1 sites: .*site/],
    [
      "unknown key of a copy",
      (text) => text.replace("path: ./copies/home", "pth: ./copies/home"),
      /:\d+:\d+ copies\.home\.p(ath|th)/,
    ],
    ["copy in the source", (text) => text.replace("./copies/home", "./source/x"), /copies\.home/],
    ["key in a copy", (text) => text.replace("./agent.key", "./copies/home/k"), /key-file/],
    ["bad duration", (text) => text.replace("rpo: 24h", "rpo: soon"), /datasets\.books\.rpo/],
    ["bad schedule", (text) => text.replace("0 12,19", "99 12,19"), /datasets\.books\.schedule/],
    ["no YAML", (text) => `${text}\n  - [`, /:\d+:\d+/],
    ["an empty file", () => "", /:1:1/],
    ["a binary file", () => "\0\x01\x02", /:1:1/],
    [
      "two mistakes",
      (text) => text.replace("rpo: 24h", "rpo: 1x").replace("rto: 4h", "rto: 1x"),
      /rto/,
    ],
  ];

  it.each(MISTAKES)("(%s) is told with file, line and key, exit 2", async (_, spoil, said) => {
    using other = new Bench();
    other.writePolicy(spoil(readFileSync(other.policyFile, "utf8")));
    const ran = await other.mikura("backup");
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(`${other.policyFile}:`);
    expect(ran.stderr).toMatch(said);
    const json = await other.mikura("status", "--json");
    expect([json.code, Object.keys(json.json)]).toEqual([2, ["error"]]);
    expect(json.json.error).toMatchObject({ code: "policy-unsound", hint: expect.any(String) });
    expect(json.json.error.message).toMatch(said);
  });

  it("that is no file at all is told as well", async () => {
    using other = new Bench();
    for (const make of [() => {}, () => mkdirSync(join(other.path, "none.yaml"))]) {
      make();
      const ran = await other.mikura("status", "--policy", join(other.path, "none.yaml"), "--json");
      expect([ran.code, ran.json.error.code]).toEqual([2, "policy-missing"]);
    }
  });
});
