import { type BackupResult, backup } from "../backup/backup.ts";
import type { Workplace } from "../common/workplace.ts";
import { type Drill, drill } from "../drill/drill.ts";
import { type VerifyResult, verify } from "../verify/verify.ts";
import { dueJobs, jobsOf, markDone } from "./due.ts";

export { nextDue } from "./due.ts";

/** What one round of the agent did; undefined: it was not due. */
export interface Round {
  readonly backup?: BackupResult;
  readonly verify?: VerifyResult;
  readonly drills?: readonly Drill[];
}

/**
 * Does what is due now: first the backups, then reading back, then restoring. `everything`: whether
 * due or not, as a practice policy does when it starts.
 */
export async function workDue(place: Workplace, everything: boolean): Promise<Round> {
  const { policy, ledger, around } = place;
  const due = everything ? jobsOf(policy) : dueJobs(policy, ledger, around.clock.now());
  const names = new Set(due.flatMap(({ dataset }) => dataset ?? []));
  const round: { -readonly [K in keyof Round]: Round[K] } = {};
  if (names.size > 0) {
    round.backup = await backup(
      place,
      policy.datasets.filter(({ name }) => names.has(name)),
    );
    for (const job of due) if (job.kind === "backup") markDone(policy, ledger, job);
  }
  for (const job of due) {
    if (job.kind === "verify") {
      // The first time, nothing of the copies has been read back: then everything is.
      const first = policy.copies.every(({ name }) => ledger.objects.verifiedShare(name, 0) < 1);
      round.verify = await verify(place, { copy: undefined, all: first || everything });
      markDone(policy, ledger, job);
    } else if (job.kind === "drill") {
      round.drills = await drill(place, {
        copy: undefined,
        dataset: undefined,
        snapshot: undefined,
      });
      markDone(policy, ledger, job);
    }
  }
  return round;
}
