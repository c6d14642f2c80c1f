import { statSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { EXIT, Fault, asFault, errnoOf, reasonOf } from "./fault.ts";

const words = { ja: "だめでした", en: "It failed" };
const next = { ja: "もう一度", en: "Try again" };

describe("Fault", () => {
  it("is an Error whose message is the English text and whose exit code is 1 unless said", () => {
    const fault = new Fault("copy-full", { what: words, next });
    expect(fault).toBeInstanceOf(Error);
    expect(fault).toMatchObject({ name: "Fault", message: "It failed", exit: EXIT.failed });
    expect("cause" in fault).toBe(false);
  });

  it("keeps the exit code and the cause that it is given", () => {
    const cause = new Error("below");
    const fault = new Fault("busy", { what: words, next, exit: EXIT.busy, cause });
    expect(fault).toMatchObject({ exit: 5, cause });
  });

  test.each([
    ["ja", { code: "copy-full", message: "だめでした", hint: "もう一度" }],
    ["en", { code: "copy-full", message: "It failed", hint: "Try again" }],
  ] as const)("toJson(%j) has code, message and hint and nothing else", (language, error) => {
    const cause = new Error("a secret path");
    expect(new Fault("copy-full", { what: words, next, cause }).toJson(language)).toEqual({
      error,
    });
  });
});

test("EXIT holds the codes of the contract, each once", () => {
  expect(EXIT).toEqual({
    well: 0,
    failed: 1,
    usage: 2,
    incomplete: 3,
    data: 4,
    busy: 5,
    frozen: 6,
    interrupted: 130,
  });
});

describe("errnoOf", () => {
  it("names the errno of a real failed system call", () => {
    let caught: unknown;
    try {
      statSync("/nowhere/at/all");
    } catch (error) {
      caught = error;
    }
    expect(errnoOf(caught)).toBe("ENOENT");
  });

  test.each([
    ["an Error without a code", new Error("x")],
    ["a code that is a number", Object.assign(new Error("x"), { code: 7 })],
    ["an object that is no Error", { code: "ENOENT" }],
    ["nothing", undefined],
  ])("is undefined for %s", (_what, error) => {
    expect(errnoOf(error)).toBeUndefined();
  });
});

test.each([
  [new Error("why"), "why"],
  ["text", "text"],
  [undefined, "undefined"],
])("reasonOf(%o) is %j", (thrown, reason) => {
  expect(reasonOf(thrown)).toBe(reason);
});

describe("asFault", () => {
  it("passes a Fault on as it is", () => {
    const fault = new Fault("usage", { what: words, next });
    expect(asFault(fault)).toBe(fault);
  });

  test.each([
    ["an Error", new TypeError("x is not a function"), "x is not a function"],
    ["a string", "thrown text", "thrown text"],
  ])("says of %s that it is a defect of mikura, with the reason", (_what, thrown, reason) => {
    const fault = asFault(thrown);
    expect(fault).toMatchObject({ code: "internal", exit: 1, cause: thrown });
    expect(fault.what.en).toContain(reason);
    expect(fault.what.ja).toContain(reason);
  });
});
