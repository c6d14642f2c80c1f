import { createCipheriv, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type GearTable, MAX_CHUNK, WHOLE_FILE, gearTable, nextCut } from "./chunker.ts";
import { type MasterKey, generateMasterKey } from "./master-key.ts";

const MIN_CHUNK = 512 * 1024;

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

function cutsOf(gear: GearTable, bytes: Buffer): number[] {
  const cuts: number[] = [];
  for (let start = 0; start < bytes.length; start = cuts.at(-1)!) {
    cuts.push(nextCut(gear, bytes, start, bytes.length, true)!);
  }
  return cuts;
}

const lengthsOf = (cuts: readonly number[]): number[] =>
  cuts.map((cut, i) => cut - (cuts[i - 1] ?? 0));

const sample = noise(1, 64 << 20);
const sampleCuts = cutsOf(table, sample);

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

describe("nextCut", () => {
  it("cuts the same bytes at the same places, each chunk between 512 KiB and 4 MiB", () => {
    expect(cutsOf(table, Buffer.from(sample))).toEqual(sampleCuts);
    const lengths = lengthsOf(sampleCuts);
    expect(lengths.reduce((a, b) => a + b)).toBe(sample.length);
    for (const length of lengths.slice(0, -1)) {
      expect(length).toBeGreaterThan(MIN_CHUNK);
      expect(length).toBeLessThanOrEqual(MAX_CHUNK);
    }
    const mean = sample.length / lengths.length;
    expect(mean).toBeGreaterThan(700 << 10);
    expect(mean).toBeLessThan(850 << 10);
  });

  it("cuts where it always did: elsewhere it would find no known chunk again", () => {
    expect(sampleCuts.slice(0, 4)).toEqual([1_142_507, 1_779_840, 2_662_027, 4_550_727]);
  });

  it("cuts elsewhere with another key", () => {
    const other = cutsOf(gearTable(generateMasterKey(randomBytes)), sample);
    const shared = other.filter((cut) => sampleCuts.includes(cut));
    expect(shared).toEqual([sample.length]);
  });

  it("cuts bytes that never change, at the latest, at 4 MiB", () => {
    for (const byte of [0, 255]) {
      const flat = Buffer.alloc(10 << 20, byte);
      for (const length of lengthsOf(cutsOf(table, flat)).slice(0, -1)) {
        expect(length === MAX_CHUNK || length === MIN_CHUNK + 1).toBe(true);
      }
    }
  });

  test.each([1, 31, 32, 33, MIN_CHUNK - 33, MIN_CHUNK - 32, MIN_CHUNK - 1, MIN_CHUNK])(
    "makes one chunk of a rest of %i bytes, and waits where more follows",
    (length) => {
      const bytes = sample.subarray(0, length);
      expect(nextCut(table, bytes, 0, length, true)).toBe(length);
      expect(nextCut(table, bytes, 0, length, false)).toBeUndefined();
    },
  );

  it("is certain at 4 MiB even where more follows", () => {
    const never = Int32Array.from({ length: 256 }, () => 0x0010_0001); // no cut within 4 MiB of zeros
    const zeros = Buffer.alloc(MAX_CHUNK + 1);
    expect(nextCut(never, zeros, 0, MAX_CHUNK - 1, false)).toBeUndefined();
    expect(nextCut(never, zeros, 0, MAX_CHUNK, false)).toBe(MAX_CHUNK);
    expect(nextCut(never, zeros, 0, MAX_CHUNK + 1, false)).toBe(MAX_CHUNK);
    expect(nextCut(never, zeros, 1, MAX_CHUNK + 1, true)).toBe(MAX_CHUNK + 1);
  });

  it("gives the same cuts however much of the file has been read so far", () => {
    const bytes = sample.subarray(0, 12 << 20);
    const whole = cutsOf(table, bytes);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (stops) => {
        const cuts: number[] = [];
        for (const end of [...stops.toSorted((a, b) => a - b), bytes.length]) {
          for (;;) {
            const start = cuts.at(-1) ?? 0;
            const last = end === bytes.length;
            const cut = start < end ? nextCut(table, bytes, start, end, last) : undefined;
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
    expect(nextCut(table, sample.subarray(start), 0, MAX_CHUNK, true)).toBe(sampleCuts[3]! - start);
  });
});

describe("a change", () => {
  const bytes = sample.subarray(0, 40 << 20);
  const before = cutsOf(table, bytes);

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
    const edited = Buffer.concat([bytes.subarray(0, at), noise(99, put), bytes.subarray(at + out)]);
    const after = cutsOf(table, edited);
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

test("WHOLE_FILE is larger than the smallest chunk and smaller than the largest", () => {
  expect(WHOLE_FILE).toBeGreaterThan(MIN_CHUNK);
  expect(WHOLE_FILE).toBeLessThan(MAX_CHUNK);
});
