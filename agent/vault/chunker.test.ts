import { createCipheriv, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  COARSE,
  type Cutting,
  FINE,
  type GearTable,
  WHOLE_FILE,
  cuttingOf,
  gearTable,
  nextCut,
} from "./chunker.ts";
import { type MasterKey, generateMasterKey } from "./master-key.ts";

const key: MasterKey = {
  encrypt: Buffer.alloc(32, 7),
  macK: Buffer.alloc(16, 1),
  macR: Buffer.alloc(16, 2),
};
const table = gearTable(key);

/** Bytes that look random and are the same in every run. */
function noise(seed: number, length: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(seed);
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, 9), iv).update(Buffer.alloc(length));
}

function cutsOf(gear: GearTable, cutting: Cutting, bytes: Buffer): number[] {
  const cuts: number[] = [];
  for (let start = 0; start < bytes.length; start = cuts.at(-1)!) {
    cuts.push(nextCut(gear, cutting, bytes, start, bytes.length, true)!);
  }
  return cuts;
}

const lengthsOf = (cuts: readonly number[]): number[] =>
  cuts.map((cut, i) => cut - (cuts[i - 1] ?? 0));

const sample = noise(1, 64 << 20);

test("a file below 4 GiB is cut finely, a larger one coarsely", () => {
  expect([0, WHOLE_FILE, 4 * 1024 ** 3 - 1].map(cuttingOf)).toEqual([FINE, FINE, FINE]);
  expect([4 * 1024 ** 3, 2 ** 45].map(cuttingOf)).toEqual([COARSE, COARSE]);
});

describe("gearTable", () => {
  it("is the same for the same key, and another for every other key", () => {
    expect(gearTable({ ...key })).toEqual(table);
    const others = Array.from({ length: 20 }, () => gearTable(generateMasterKey(randomBytes)));
    for (const other of others) expect(other).not.toEqual(table);
    expect(new Set(others.map((other) => other.join())).size).toBe(20);
  });

  it("stays as it is for all time: another table would find no known chunk again", () => {
    expect(table).toHaveLength(256);
    expect([...table.subarray(0, 4)]).toEqual([-1840743265, -1896511459, 284645952, -3702080]);
  });

  it("has 256 different words", () => {
    expect(new Set(table).size).toBe(256);
  });
});

describe.each([
  ["finely", FINE, [86_223, 158_689, 229_712, 411_550]],
  ["coarsely", COARSE, [1_142_507, 1_779_840, 2_662_027, 4_550_727]],
] as const)("nextCut, %s", (_how, cutting, firstCuts) => {
  const { min, max } = cutting;
  const sampleCuts = cutsOf(table, cutting, sample);

  it("cuts the same bytes at the same places, each chunk between the bounds", () => {
    expect(cutsOf(table, cutting, Buffer.from(sample))).toEqual(sampleCuts);
    const lengths = lengthsOf(sampleCuts);
    expect(lengths.reduce((a, b) => a + b)).toBe(sample.length);
    for (const length of lengths.slice(0, -1)) {
      expect(length).toBeGreaterThan(min);
      expect(length).toBeLessThanOrEqual(max);
    }
    const mean = sample.length / lengths.length / min;
    expect(mean).toBeGreaterThan(cutting === FINE ? 1.9 : 1.4);
    expect(mean).toBeLessThan(cutting === FINE ? 2.1 : 1.7);
  });

  it("cuts where it always did: elsewhere it would find no known chunk again", () => {
    expect(sampleCuts.slice(0, 4)).toEqual(firstCuts);
  });

  it("cuts elsewhere with another key", () => {
    const other = cutsOf(gearTable(generateMasterKey(randomBytes)), cutting, sample);
    const shared = other.filter((cut) => sampleCuts.includes(cut));
    expect(shared).toEqual([sample.length]);
  });

  it("cuts bytes that never change, at the latest, at the largest size", () => {
    for (const byte of [0, 255]) {
      const flat = Buffer.alloc(10 << 20, byte);
      for (const length of lengthsOf(cutsOf(table, cutting, flat)).slice(0, -1)) {
        expect(length === max || length === min + 1).toBe(true);
      }
    }
  });

  test.each([1, 31, 32, 33, min - 33, min - 32, min - 1, min])(
    "makes one chunk of a rest of %i bytes, and waits where more follows",
    (length) => {
      const bytes = sample.subarray(0, length);
      expect(nextCut(table, cutting, bytes, 0, length, true)).toBe(length);
      expect(nextCut(table, cutting, bytes, 0, length, false)).toBeUndefined();
    },
  );

  it("is certain at the largest size even where more follows", () => {
    const never = Int32Array.from({ length: 256 }, () => 0x0010_0001); // no cut within 4 MiB of zeros
    const zeros = Buffer.alloc(max + 1);
    expect(nextCut(never, cutting, zeros, 0, max - 1, false)).toBeUndefined();
    expect(nextCut(never, cutting, zeros, 0, max, false)).toBe(max);
    expect(nextCut(never, cutting, zeros, 0, max + 1, false)).toBe(max);
    expect(nextCut(never, cutting, zeros, 1, max + 1, true)).toBe(max + 1);
  });

  it("gives the same cuts however much of the file has been read so far", () => {
    const bytes = sample.subarray(0, 12 << 20);
    const whole = cutsOf(table, cutting, bytes);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (stops) => {
        const cuts: number[] = [];
        for (const end of [...stops.toSorted((a, b) => a - b), bytes.length]) {
          for (;;) {
            const start = cuts.at(-1) ?? 0;
            const last = end === bytes.length;
            const cut = start < end ? nextCut(table, cutting, bytes, start, end, last) : undefined;
            if (cut === undefined) break;
            cuts.push(cut);
          }
        }
        expect(cuts).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it("depends on nothing before the chunk", () => {
    const start = sampleCuts[2]!;
    expect(nextCut(table, cutting, sample.subarray(start), 0, max, true)).toBe(
      sampleCuts[3]! - start,
    );
  });

  describe("a change", () => {
    const bytes = sample.subarray(0, 40 << 20);
    const before = cutsOf(table, cutting, bytes);

    test.each([
      ["a byte put in at the front", 0, 0, 1],
      ["a byte put in", 10_000_000, 0, 1],
      ["a line put in", 9_999_999, 0, 80],
      ["5 kB put in", 7_654_321, 0, 5000],
      ["100 kB put in", 6_543_210, 0, 100_000],
      ["a MiB put in", 5_000_000, 0, 1 << 20],
      ["a byte taken out", 10_000_000, 1, 0],
      ["3 MB taken out", 8_000_000, 3_000_000, 0],
      ["a record written over", 12_345_678, 512, 512],
    ])("of %s moves only cuts nearby", (_what, at, out, put) => {
      const edited = Buffer.concat([
        bytes.subarray(0, at),
        noise(99, put),
        bytes.subarray(at + out),
      ]);
      const after = cutsOf(table, cutting, edited);
      const untouched = before.filter((cut) => cut <= at);
      expect(after.slice(0, untouched.length)).toEqual(untouched);
      // The cuts meet again within some chunks, and then they stay together to the end.
      const shifted = after.map((cut) => cut - put + out);
      const meet = shifted.findIndex((cut) => cut > at + out && before.includes(cut));
      expect(meet).toBeGreaterThanOrEqual(0);
      expect(shifted.slice(meet)).toEqual(before.slice(before.indexOf(shifted[meet]!)));
      expect(shifted[meet]! - (at + out)).toBeLessThan(8 << 20);
    });
  });
});

test("WHOLE_FILE is larger than the smallest chunk and smaller than the largest", () => {
  expect(WHOLE_FILE).toBeGreaterThan(COARSE.min);
  expect(WHOLE_FILE).toBeLessThan(COARSE.max);
});
