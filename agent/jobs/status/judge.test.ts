import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Fault } from "../../base/fault.ts";
import { plain } from "../../base/words.ts";
import type { DrillRecord } from "../../ledger/drill-records.ts";
import type { SnapshotRecord } from "../../ledger/snapshot-records.ts";
import type { Dataset } from "../../policy/policy.ts";
import type { OpenedCopy } from "../common/open-copies.ts";
import { type CellFacts, judge } from "./judge.ts";

const snapshotOf = (id: string, skipped: readonly string[] = []): SnapshotRecord =>
  ({ id, dataset: "ar", receivedAt: 1, skipped }) as unknown as SnapshotRecord;
const drillOf = (result: DrillRecord["result"]): DrillRecord =>
  ({ at: 1, dataset: "ar", copy: "nas", result }) as unknown as DrillRecord;
const openedAs = (state: OpenedCopy["state"]): OpenedCopy => {
  const fault = new Fault("copy-absent", { what: plain("away"), next: plain("connect it") });
  return { state, copy: { name: "nas" }, fault } as unknown as OpenedCopy;
};

/** Everything as it should be. */
const proved: CellFacts = {
  dataset: {
    name: "ar",
    title: "売掛金",
  } as unknown as Dataset,
  opened: openedAs("ready"),
  snapshot: snapshotOf("s2"),
  newest: snapshotOf("s2"),
  stale: false,
  bad: 0,
  drill: drillOf("proved"),
  drillFresh: true,
  excused: false,
};
const behind = { snapshot: snapshotOf("s1") };
const away = { opened: openedAs("absent") };
const broken = { opened: openedAs("failed") };
const failedDrill = { drill: drillOf("failed") };
const noDrill = { drill: undefined, drillFresh: false };
const oldDrill = { drillFresh: false };
const noSnapshot = { snapshot: undefined, stale: true };
const unread = { snapshot: snapshotOf("s2", ["/srv/closed"]) };

describe("judge", () => {
  const table: readonly (readonly [string, Partial<CellFacts>, string, RegExp | undefined])[] = [
    ["all is well", {}, "proved", undefined],
    ["a disk that may be away is away", { ...away, excused: true }, "proved", undefined],
    [
      "it is away and behind, and may be",
      { ...away, ...behind, excused: true },
      "proved",
      undefined,
    ],
    ["objects are damaged", { bad: 2 }, "failed", /2 of its objects/],
    [
      "objects are damaged, whatever else is",
      { bad: 1, ...away, ...noDrill },
      "failed",
      /1 of its/,
    ],
    ["the drill failed", failedDrill, "failed", /drill failed/],
    ["the drill failed long ago", { ...failedDrill, ...oldDrill }, "failed", /drill failed/],
    ["the drill failed and it is away", { ...failedDrill, ...away }, "failed", /drill failed/],
    ["it is away", away, "attention", /away/],
    ["it cannot be used", broken, "attention", /away/],
    ["it cannot be used, though it may be away", { ...broken, excused: true }, "attention", /away/],
    ["it is away and was never proved", { ...away, ...noDrill }, "unproved", /away/],
    ["it was never proved", noDrill, "unproved", /not been tried/],
    [
      "it was never proved and may be away",
      { ...away, ...noDrill, excused: true },
      "unproved",
      /not been tried/,
    ],
    ["it was proved too long ago", oldDrill, "unproved", /too long ago/],
    [
      "it was proved too long ago and is stale",
      { ...oldDrill, stale: true },
      "unproved",
      /too long/,
    ],
    ["it is stale", { stale: true }, "attention", /Stale/],
    ["it is stale and may be away", { ...away, excused: true, stale: true }, "attention", /Stale/],
    ["it holds no snapshot", noSnapshot, "attention", /Stale/],
    ["the newest snapshot is not there yet", behind, "attention", /has not reached/],
    ["files could not be read", unread, "attention", /1 files could not be read/],
  ];
  test.each(table)("says where %s", (_what, facts, verdict, cause) => {
    const judgement = judge({ ...proved, ...facts });
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.cause?.en ?? "").toMatch(cause ?? /^$/);
  });

  const facts: fc.Arbitrary<CellFacts> = fc
    .record({
      state: fc.constantFrom("ready", "absent", "failed" as const),
      snapshot: fc.constantFrom(
        undefined,
        snapshotOf("s1"),
        snapshotOf("s2"),
        snapshotOf("s2", ["x"]),
      ),
      newest: fc.constantFrom(undefined, snapshotOf("s2")),
      stale: fc.boolean(),
      bad: fc.nat(2),
      drill: fc.constantFrom(undefined, drillOf("proved"), drillOf("failed")),
      young: fc.boolean(),
      excused: fc.boolean(),
    })
    .map(({ state, young, stale, ...rest }) => ({
      ...rest,
      dataset: proved.dataset,
      opened: openedAs(state),
      stale: stale || rest.snapshot === undefined, // as freshness.ts has it
      drillFresh: young && rest.drill !== undefined,
    }));

  it("never calls unknown green: proved needs a passed fresh drill, no damage, a fresh snapshot", () => {
    fc.assert(
      fc.property(facts, (one) => {
        if (judge(one).verdict !== "proved") return;
        expect(one.drill?.result).toBe("proved");
        expect(one).toMatchObject({ drillFresh: true, bad: 0, stale: false });
        expect(one.opened.state === "ready" || one.excused).toBe(true);
        expect(one.snapshot?.skipped).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives a cause and an action in both languages with every verdict but proved", () => {
    fc.assert(
      fc.property(facts, (one) => {
        const { verdict, cause, action } = judge(one);
        for (const words of [cause, action]) {
          expect(words === undefined).toBe(verdict === "proved");
          expect([words?.ja, words?.en].includes("")).toBe(false);
        }
      }),
    );
  });

  it("does not get better by anything that gets worse", () => {
    const rank = ["failed", "unproved", "attention", "proved"];
    const worse: readonly Partial<CellFacts>[] = [
      { bad: 1 },
      failedDrill,
      noDrill,
      { stale: true },
      broken,
    ];
    fc.assert(
      fc.property(facts, fc.constantFrom(...worse), (one, change) => {
        if (change === noDrill && one.drill?.result === "failed") return; // the bad news is gone with it
        const [before, after] = [judge(one), judge({ ...one, ...change })];
        expect(rank.indexOf(after.verdict)).toBeLessThanOrEqual(rank.indexOf(before.verdict));
      }),
      { numRuns: 500 },
    );
  });
});
