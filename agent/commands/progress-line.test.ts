import * as fc from "fast-check";
import stringWidth from "fast-string-width";
import { describe, expect, it, test } from "vitest";
import { stoppedClock } from "../base/clock.ts";
import type { Language } from "../base/words.ts";
import { ProgressLine } from "./progress-line.ts";

const WIPE = "\r\u001b[2K";

/** A line on a screen of so many columns, by a clock that stands where it is put. */
function lineOn(columns: number, language: Language = "en") {
  const clock = stoppedClock(1_000_000);
  const written: string[] = [];
  const screen = { columns, write: (text: string) => void written.push(text) };
  const line = new ProgressLine(screen, clock, language);
  const last = (): string => written.at(-1)!.replace(WIPE, "");
  return { clock, written, line, last };
}

describe("ProgressLine", () => {
  it("shows the phase at once, in place of what stood there", () => {
    const { line, written } = lineOn(80);
    line.phase("backup", "売掛金");
    expect(written).toEqual([`${WIPE}Backing up 売掛金  0 B  0 files`]);
  });

  it("shows what was done, of how much, how fast and how long it will take", () => {
    const { line, clock, last } = lineOn(120);
    line.phase("restore", "nas");
    line.expect(2000, 10_000_000);
    clock.at += 2000;
    line.advance(1, 2_500_000);
    expect(last()).toBe(
      "Restoring nas  25%  2.5 MB / 10.0 MB  1/2,000 files  1.3 MB/s  6.0 s left",
    );
  });

  it("speaks Japanese", () => {
    const { line, clock, last } = lineOn(120, "ja");
    line.phase("bring-up");
    line.expect(4, 4_000_000);
    clock.at += 1000;
    line.advance(1, 1_000_000);
    expect(last()).toBe("写しへ配る  25%  1.0 MB / 4.0 MB  1/4件  1.0 MB/s  残り 3.0秒");
  });

  it("paints ten times a second at most", () => {
    const { line, clock, written } = lineOn(80);
    line.phase("verify");
    for (let ms = 0; ms < 1000; ms++) {
      clock.at++;
      line.advance(1, 1);
    }
    expect(written).toHaveLength(11);
  });

  it("tells no rate before a second has passed, and none where nothing was read", () => {
    const { line, clock, last } = lineOn(80);
    line.phase("verify");
    clock.at += 999;
    line.advance(1, 1_000_000);
    expect(last()).not.toContain("/s");
    line.phase("compare");
    clock.at += 5000;
    line.advance(1, 0);
    expect(last()).toBe("Comparing  0 B  1 files");
  });

  it("begins each phase from nothing", () => {
    const { line, clock, last } = lineOn(80);
    line.phase("backup");
    line.expect(9, 900);
    clock.at += 5000;
    line.advance(5, 500);
    line.phase("verify", "nas");
    expect(last()).toBe("Verifying nas  0 B  0 files");
  });

  it("takes the line away, once, and only where one stands", () => {
    const { line, written } = lineOn(80);
    line.clear();
    expect(written).toEqual([]);
    line.phase("backup");
    line.clear();
    line.clear();
    expect(written.slice(1)).toEqual([WIPE]);
  });

  it("shows nothing before a phase begins", () => {
    const { line, clock, written } = lineOn(80);
    clock.at += 5000;
    line.expect(1, 1);
    line.advance(1, 1);
    expect(written).toEqual([]);
  });

  test.each([
    [0, 80], // a terminal that does not know its size
    [1, 1],
    [2, 2],
    [3, 3],
    [10, 10],
    [39, 39],
    [40, 40],
  ])("never reaches the edge of %i columns, which are %i", (columns, width) => {
    const { line, clock, last, written } = lineOn(columns, "ja");
    line.phase("backup", "売掛金と買掛金の台帳😀");
    clock.at += 5000;
    line.advance(1, 1_000_000);
    expect(written).toHaveLength(2);
    expect(stringWidth(last())).toBeLessThan(width);
  });

  it("stays on one line whatever comes, more than was expected too", () => {
    const step = fc.tuple(fc.nat(3000), fc.nat(10), fc.nat(10_000_000));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(step),
        fc.nat(5_000_000),
        (columns, steps, expected) => {
          const { line, clock, written } = lineOn(columns);
          line.phase("backup", "x");
          line.expect(expected % 50, expected);
          for (const [ms, files, bytes] of steps) {
            clock.at += ms;
            line.advance(files, bytes);
          }
          for (const text of written) {
            expect(text.startsWith(WIPE)).toBe(true);
            expect(stringWidth(text.slice(WIPE.length))).toBeLessThan(columns);
            expect(text).not.toMatch(/NaN|Infinity|-\d/);
          }
        },
      ),
    );
  });
});
