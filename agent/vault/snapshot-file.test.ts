import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Snapshot, decodeSnapshot, encodeSnapshot } from "./snapshot-file.ts";

const TREE = "a".repeat(64);
const PARENT = "b".repeat(64);
const snapshot: Snapshot = {
  time: BigInt(Date.parse("2026-11-21T10:05:00.5Z")) * 1_000_000n,
  parent: PARENT,
  tree: TREE,
  paths: ["/srv/ledger/ar", "/srv/売掛金"],
  hostname: "office",
  username: "hanako",
  uid: 1000,
  gid: 100,
  excludes: ["~$*", "<tmp>"],
  tags: ["accounts-receivable"],
  program: "mikura 0.1.0",
};

describe("encodeSnapshot", () => {
  it("writes restic's fields in restic's order, without a line end", () => {
    expect(encodeSnapshot(snapshot)).toBe(
      `{"time":"2026-11-21T10:05:00.5Z","parent":"${PARENT}","tree":"${TREE}",` +
        '"paths":["/srv/ledger/ar","/srv/売掛金"],"hostname":"office","username":"hanako",' +
        '"uid":1000,"gid":100,"excludes":["~$*","\\u003ctmp\\u003e"],' +
        '"tags":["accounts-receivable"],"program_version":"mikura 0.1.0"}',
    );
  });

  it("leaves out what restic leaves out: no parent, root's numbers, empty lists and names", () => {
    const bare = {
      ...snapshot,
      parent: undefined,
      uid: 0,
      gid: 0,
      excludes: [],
      tags: [],
      hostname: "",
      username: "",
    };
    expect(encodeSnapshot({ ...bare, paths: [] })).toBe(
      `{"time":"2026-11-21T10:05:00.5Z","tree":"${TREE}","paths":[],"program_version":"mikura 0.1.0"}`,
    );
  });
});

describe("decodeSnapshot", () => {
  const decode = (fields: object): Snapshot | undefined =>
    decodeSnapshot(Buffer.from(JSON.stringify(fields)));
  const least = { time: "2026-11-21T19:05:00+09:00", tree: TREE };

  it("gives back every snapshot that encodeSnapshot wrote", () => {
    const text = fc.string({ unit: "grapheme" });
    const id = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    const any: fc.Arbitrary<Snapshot> = fc.record({
      time: fc.bigInt({
        min: 0n,
        max: 253402300799999999999n,
      }),
      parent: fc.option(id, { nil: undefined }),
      tree: id,
      hostname: text,
      username: text,
      program: text,
      uid: fc.nat(4294967295),
      gid: fc.nat(4294967295),
      paths: fc.array(text),
      excludes: fc.array(text),
      tags: fc.array(text),
    });
    fc.assert(
      fc.property(any, (one) => {
        expect(decodeSnapshot(Buffer.from(encodeSnapshot(one)))).toEqual(one);
      }),
    );
  });

  it("takes the least that restic writes, in any zone, and fields that it does not know", () => {
    expect(decode({ ...least, original: PARENT, summary: {} })).toEqual({
      time: BigInt(Date.parse("2026-11-21T10:05:00Z")) * 1000000n,
      tree: TREE,
      parent: undefined,
      paths: [],
      hostname: "",
      username: "",
      uid: 0,
      gid: 0,
      excludes: [],
      tags: [],
      program: "",
    });
  });

  it("takes fields of a wrong type for absent ones", () => {
    const odd = {
      ...least,
      parent: "x",
      paths: "no",
      tags: [1, "yes", null],
      uid: "0",
      hostname: 1,
    };
    expect(decode(odd)).toMatchObject({ paths: [], tags: ["yes"], uid: 0, hostname: "" });
    expect(decode(odd)?.parent).toBeUndefined();
  });

  test.each([
    ["no time", { tree: TREE }],
    ["a time without a zone", { ...least, time: "2026-11-21T19:05:00" }],
    ["a time that is a number", { ...least, time: 1 }],
    ["no tree", { time: least.time }],
    ["a tree that is no id", { ...least, tree: "../config" }],
    ["a tree in capitals", { ...least, tree: TREE.toUpperCase() }],
    ["null", null],
    ["a list", [least]],
    ["text", "snapshot"],
  ])("refuses %s", (_what, fields) => {
    expect(decode(fields as object)).toBeUndefined();
  });

  it("refuses what is no JSON", () => {
    expect(decodeSnapshot(Buffer.from('{"time":'))).toBeUndefined();
    expect(decodeSnapshot(Buffer.alloc(0))).toBeUndefined();
  });
});
