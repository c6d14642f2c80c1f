import type { Words } from "../../base/words.ts";
import type { DrillRecord } from "../../ledger/drill-records.ts";
import type { SnapshotRecord } from "../../ledger/snapshot-records.ts";
import type { Dataset } from "../../policy/policy.ts";
import type { RuleVerdict } from "../../policy/rules.ts";
import { isStale, newestIn } from "../common/freshness.ts";
import type { OpenedCopy } from "../common/open-copies.ts";
import { rulesNow } from "../common/rule-facts.ts";
import type { Workplace } from "../common/workplace.ts";
import { type Verdict, judge } from "./judge.ts";

export type { Verdict } from "./judge.ts";

export interface Status {
  readonly verdict: Verdict;
  /** Some snapshot is older than the policy allows. */
  readonly stale: boolean;
  readonly demo: boolean;
  readonly rules: readonly RuleVerdict[];
  readonly datasets: readonly DatasetStatus[];
  /** What the owner should do, most urgent first; at most three. */
  readonly actions: readonly Words[];
}

export interface DatasetStatus {
  readonly dataset: Dataset;
  /** The newest snapshot that the ledger knows. */
  readonly newest: SnapshotRecord | undefined;
  readonly copies: readonly CellStatus[];
}

/** One dataset in one copy. */
export interface CellStatus {
  readonly name: string;
  readonly verdict: Verdict;
  readonly cause?: Words | undefined;
  readonly action?: Words | undefined;
  /** Newest snapshot of the dataset that this copy holds. */
  readonly snapshot: SnapshotRecord | undefined;
  readonly ageS: number | undefined;
  readonly stale: boolean;
  readonly present: boolean;
  readonly verifiedShare: number;
  readonly oldestUnverifiedS: number | undefined;
  readonly drill: DrillRecord | undefined;
}

/** How long a passed drill counts: a month and a few days of grace for the monthly schedule. */
export const DRILL_COUNTS_S: number = 35 * 86_400;

/** The state of everything, from the ledger and one look at each copy's marker, at one frozen now. */
export async function status(place: Workplace): Promise<Status> {
  const { policy, ledger, around } = place;
  const now = around.clock.now();
  const opened = await place.copies();
  const rules = await rulesNow(place, opened);
  const datasets = policy.datasets.map((dataset) => ({
    dataset,
    newest: ledger.snapshots.latest(dataset.name),
    copies: opened.map((copy) => cell(place, dataset, copy, now)),
  }));
  const cells = datasets.flatMap(({ copies }) => copies);
  const order: Verdict[] = ["failed", "unproved", "attention", "proved"];
  const verdict = order.find((one) => cells.some((other) => other.verdict === one)) ?? "unproved";
  return {
    verdict,
    stale: cells.some(({ stale }) => stale),
    demo: policy.demo,
    rules,
    datasets,
    actions: actionsOf(cells, order),
  };
}

function cell(place: Workplace, dataset: Dataset, opened: OpenedCopy, now: number): CellStatus {
  const { ledger, policy } = place;
  const { name } = opened.copy;
  const snapshot = newestIn(place, dataset.name, name);
  const coverage = ledger.objects.coverage(name);
  const drill = ledger.drills.latest(dataset.name, name);
  const facts = {
    dataset,
    opened,
    snapshot,
    newest: ledger.snapshots.latest(dataset.name),
    stale: isStale(dataset, snapshot?.receivedAt, now),
    bad: coverage.bad,
    drill,
    drillFresh: drill !== undefined && now - drill.at <= DRILL_COUNTS_S * 1000,
    excused: isExcused(place, opened, now),
  };
  return {
    name,
    ...judge(facts),
    snapshot,
    ageS: snapshot && (now - snapshot.receivedAt) / 1000,
    stale: facts.stale,
    present: opened.state === "ready",
    verifiedShare: ledger.objects.verifiedShare(name, now - policy.verify.fullPassS * 1000),
    oldestUnverifiedS:
      coverage.oldestVerifiedAt === undefined
        ? undefined
        : (now - coverage.oldestVerifiedAt) / 1000,
    drill,
  };
}

/** A disk that the policy lets be away, and that was complete not longer ago than it may be. */
function isExcused({ ledger }: Workplace, { copy, state }: OpenedCopy, now: number): boolean {
  const currentAt = ledger.copies.find(copy.name)?.currentAt;
  if (state !== "absent" || copy.rotatesS === undefined || currentAt === undefined) return false;
  return now - currentAt <= copy.rotatesS * 1000;
}

function actionsOf(cells: readonly CellStatus[], order: readonly Verdict[]): Words[] {
  const urgent = cells.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const actions = new Map<string, Words>();
  for (const { action } of urgent) if (action) actions.set(action.en, action);
  return [...actions.values()].slice(0, 3);
}
