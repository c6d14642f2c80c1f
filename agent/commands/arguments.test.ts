import { describe, expect, it, test } from "vitest";
import { plain } from "../base/words.ts";
import { COMMON, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";

const command: Command = {
  name: "restore",
  summary: plain(""),
  usage: "",
  words: [1, 2],
  options: { copy: { value: "C", about: plain("") }, all: { about: plain("") } },
  help: plain(""),
  run: () => Promise.reject(new Error("not run")),
};

describe("readArguments", () => {
  test.each([
    [["a"], ["a"], {}],
    [["a", "b"], ["a", "b"], {}],
    [["--copy", "nas", "a"], ["a"], { copy: "nas" }],
    [["--copy=nas", "a"], ["a"], { copy: "nas" }],
    [["a", "--all", "--json"], ["a"], { all: true, json: true }],
    [["a", "--policy", "売掛金.yaml"], ["a"], { policy: "売掛金.yaml" }],
    [["--copy", "a", "--copy", "b", "x"], ["x"], { copy: "b" }],
    [["--copy", "", "x"], ["x"], { copy: "" }],
    [["--", "--all"], ["--all"], {}],
    [["--help"], [], { help: true }],
  ])("reads %j", (args, words, options) => {
    const read = readArguments(command, args);
    expect(read.words).toEqual(words);
    expect({ ...read.options }).toEqual(options);
  });

  test.each([
    ["too few words", [], "an argument is missing"],
    ["too many words", ["a", "b", "売"], 'unexpected argument "売"'],
    ["an unknown option", ["a", "--al"], "--al"],
    ["an unknown short option", ["a", "-x"], "-x"],
    ["an option without its value", ["a", "--copy"], "--copy"],
    ["an option's value that looks like an option", ["a", "--copy", "--all"], "--copy"],
    ["a value for a switch", ["a", "--all=yes"], "--all"],
    ["too many words with --help", ["--help", "a", "b", "c"], 'unexpected argument "c"'],
  ])("refuses %s as wrong usage, and names it", (_what, args, named) => {
    const reading = (): unknown => readArguments(command, args);
    expect(reading).toThrow(expect.objectContaining({ code: "usage", exit: 2 }));
    expect(reading).toThrow(/^restore: /);
    expect(reading).toThrow(named);
  });

  it("gives every command policy, json and help", () => {
    expect(Object.keys(COMMON)).toEqual(["policy", "json", "help"]);
    const none = { ...command, words: [0, 0] as const, options: {} };
    expect(() => readArguments(none, ["--copy", "x"])).toThrow("--copy");
    expect({ ...readArguments(none, ["--json", "--policy", "p"]).options }).toEqual({
      json: true,
      policy: "p",
    });
  });
});
