import { describe, expect, it } from "vitest";

import {
  bankDay,
  dayInTokyo,
  dayInWords,
  lastDay,
  monthFrom,
  spreadsheetDay,
  startInTokyo,
} from "./calendar.ts";

describe("the calendar of the sample", () => {
  it("takes the day from Tokyo's midnight, not from London's", () => {
    expect(dayInTokyo(new Date("2026-10-31T14:59:59Z"))).toBe("2026-10-31");
    expect(dayInTokyo(new Date("2026-10-31T15:00:00Z"))).toBe("2026-11-01");
    expect(startInTokyo("2026-11-01").toISOString()).toBe("2026-10-31T15:00:00.000Z");
  });

  it("steps over the year's end and from long months to short ones", () => {
    expect(monthFrom("2027-01-31", -3)).toBe("2026-10");
    expect(monthFrom("2027-03-31", -1)).toBe("2027-02");
    expect(monthFrom("2026-12-31", 1)).toBe("2027-01");
    expect([lastDay("2028-02"), lastDay("2026-12")]).toEqual(["2028-02-29", "2026-12-31"]);
  });

  it("moves weekends to Monday", () => {
    expect(bankDay("2026-10-16")).toBe("2026-10-16"); // Friday
    expect(bankDay("2026-10-17")).toBe("2026-10-19");
    expect(bankDay("2026-10-18")).toBe("2026-10-19");
  });

  it("writes days for spreadsheets and for people", () => {
    expect(spreadsheetDay("1900-03-01")).toBe(61); // the first day on which Excel's count is right
    expect(spreadsheetDay("2026-10-31")).toBe(46326);
    expect(dayInWords("2026-01-05")).toBe("2026年1月5日");
  });
});
