import type { SnapshotRecord } from "../../ledger/snapshot-records.ts";
import type { Dataset } from "../../policy/policy.ts";
import type { Workplace } from "./workplace.ts";

/** The newest snapshot of a dataset that a copy is known to hold whole. */
export function newestIn(
  { ledger }: Workplace,
  dataset: string,
  copy: string,
): SnapshotRecord | undefined {
  return ledger.snapshots
    .all()
    .findLast((one) => one.dataset === dataset && ledger.objects.holds(copy, "snapshots", one.id));
}

/** Older than the policy allows, or not there at all: unknown is never fresh (promise 6). */
export function isStale(dataset: Dataset, receivedAt: number | undefined, now: number): boolean {
  return receivedAt === undefined || now - receivedAt > dataset.rpoS * 1000;
}
