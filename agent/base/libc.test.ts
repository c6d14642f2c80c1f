import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { makeSpecial, setMtime } from "./libc.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mikura-libc-"));
  mkdirSync(join(folder, "folder"));
  writeFileSync(join(folder, "file"), "x");
  symlinkSync("file", join(folder, "link"));
  symlinkSync("nowhere", join(folder, "dangling"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): Buffer => Buffer.from(join(folder, name));
const mtimeOf = (name: string): bigint => lstatSync(path(name), { bigint: true }).mtimeNs;

describe("setMtime", () => {
  const times = [
    ["1 ns after 1970", 1n],
    ["1970 itself", 0n],
    ["1 ns before 1970", -1n],
    ["a whole second before 1970", -1_000_000_000n],
    ["1901", -2_147_483_646_999_999_999n],
    ["2026, to the nanosecond", 1_785_542_400_123_456_789n],
    ["2038, past 32 bits", 2_147_483_648_000_000_001n],
    ["2262", 9_223_372_036_000_000_000n],
  ] as const;
  const things = ["file", "folder", "link", "dangling"];

  test.each(things.flatMap((thing) => times.map(([what, ns]) => [thing, what, ns] as const)))(
    "sets the time of a %s to %s",
    (thing, _what, ns) => {
      expect(setMtime(path(thing), ns)).toBe(true);
      expect(mtimeOf(thing)).toBe(ns);
    },
  );

  it("does not follow a link", () => {
    setMtime(path("file"), 111n);
    setMtime(path("link"), 222n);
    expect([mtimeOf("file"), mtimeOf("link")]).toEqual([111n, 222n]);
  });

  it("sets any time that the file system can hold", () => {
    const second = 1_000_000_000n;
    fc.assert(
      fc.property(fc.bigInt({ min: (1n - 2n ** 31n) * second, max: 2n ** 33n * second }), (ns) => {
        setMtime(path("file"), ns);
        expect(mtimeOf("file")).toBe(ns);
      }),
      { numRuns: 200 },
    );
  });

  it("takes a name that is no UTF-8", () => {
    const odd = Buffer.concat([path("odd-"), Buffer.of(0xff, 0xfe)]);
    writeFileSync(odd, "x");
    expect(setMtime(odd, 42n)).toBe(true);
    expect(lstatSync(odd, { bigint: true }).mtimeNs).toBe(42n);
  });

  it("says false where nothing lies", () => {
    expect(setMtime(path("missing"), 0n)).toBe(false);
  });
});

describe("makeSpecial", () => {
  it("makes a FIFO, and says false where something lies already", () => {
    expect(makeSpecial(path("fifo"), 0o010600, 0n)).toBe(true);
    const stat = lstatSync(path("fifo"));
    expect(stat.isFIFO()).toBe(true);
    expect(stat.mode & 0o777).toBe(0o600);
    expect(makeSpecial(path("fifo"), 0o010600, 0n)).toBe(false);
  });
});
