import { createTask } from "node-cron";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Policy } from "../../policy/policy.ts";

/** A job that the policy schedules. */
export interface ScheduledJob {
  readonly job: string;
  /** Cron, five fields, in the policy's time zone. */
  readonly schedule: string;
  readonly kind: "backup" | "verify" | "drill";
  readonly dataset?: string;
}

/** All jobs of a policy, in the order in which they are worked off. */
export function jobsOf(policy: Policy): ScheduledJob[] {
  return [
    ...policy.datasets.map(({ name, schedule }) => ({
      job: `backup:${name}`,
      schedule,
      kind: "backup" as const,
      dataset: name,
    })),
    { job: "verify", schedule: policy.verify.schedule, kind: "verify" },
    { job: "drill", schedule: policy.drill.schedule, kind: "drill" },
  ];
}

/** The jobs whose time has come. One that never ran is due; one that was missed is due once. */
export function dueJobs(policy: Policy, ledger: Ledger, now: number): ScheduledJob[] {
  return jobsOf(policy).filter((job) => (ledger.due.at(job.job, textOf(policy, job)) ?? 0) <= now);
}

/** When the next job is due, milliseconds. */
export function nextDue(policy: Policy, ledger: Ledger): number {
  return Math.min(...jobsOf(policy).map((job) => ledger.due.at(job.job, textOf(policy, job)) ?? 0));
}

/** Notes that a job has been done: it is due again at its next time from now on. */
export function markDone(policy: Policy, ledger: Ledger, job: ScheduledJob): void {
  const task = createTask(job.schedule, () => {}, { timezone: policy.timezone });
  const [next] = task.getNextRuns(1);
  void task.destroy();
  if (next) ledger.due.set(job.job, textOf(policy, job), next.getTime());
}

function textOf(policy: Policy, job: ScheduledJob): string {
  return `${job.schedule} ${policy.timezone}`;
}
