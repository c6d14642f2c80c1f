import type { Words } from "../../base/words.ts";
import type { DrillRecord } from "../../ledger/drill-records.ts";
import type { SnapshotRecord } from "../../ledger/snapshot-records.ts";
import type { Dataset } from "../../policy/policy.ts";
import type { OpenedCopy } from "../common/open-copies.ts";

/** The only four verdicts: 実証済 要注意 失敗 未実証. */
export type Verdict = "proved" | "attention" | "failed" | "unproved";

/** What is known of one dataset in one copy. */
export interface CellFacts {
  readonly dataset: Dataset;
  readonly opened: OpenedCopy;
  /** Newest in this copy, and newest of all. */
  readonly snapshot: SnapshotRecord | undefined;
  readonly newest: SnapshotRecord | undefined;
  readonly stale: boolean;
  /** Objects of the copy that are damaged or missing. */
  readonly bad: number;
  readonly drill: DrillRecord | undefined;
  /** The drill is young enough to count. */
  readonly drillFresh: boolean;
  /** A disk that may be away now. */
  readonly excused: boolean;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly cause?: Words | undefined;
  readonly action?: Words | undefined;
}

/** One verdict from the facts: what is broken, then what is not proved, then what is not in order. */
export function judge(facts: CellFacts): Judgement {
  const { opened, drill, snapshot, newest, dataset } = facts;
  const { name } = opened.copy;
  if (facts.bad > 0) {
    return {
      verdict: "failed",
      cause: {
        ja: `壊れている、またはなくなったものが ${facts.bad} 件あります`,
        en: `${facts.bad} of its objects are damaged or missing`,
      },
      action: {
        ja: `写し「${name}」は使わず、ほかの写しを頼ってください。詳しくは mikura drift`,
        en: `Rely on the other copies, not on "${name}"; see mikura drift`,
      },
    };
  }
  if (drill?.result === "failed") {
    return {
      verdict: "failed",
      cause: { ja: "復元訓練に失敗しました", en: "The restore drill failed" },
      action: {
        ja: `もう一度試してください：mikura drill --copy ${name}`,
        en: `Try again: mikura drill --copy ${name}`,
      },
    };
  }
  if (opened.state === "failed" || (opened.state === "absent" && !facts.excused)) {
    return {
      verdict: facts.drillFresh ? "attention" : "unproved",
      cause: opened.fault.what,
      action: opened.fault.next,
    };
  }
  if (!facts.drillFresh) {
    return {
      verdict: "unproved",
      cause: drill
        ? { ja: "前の復元訓練から日がたちすぎました", en: "The last restore drill is too long ago" }
        : { ja: "まだ復元を試していません", en: "Restoring from it has not been tried yet" },
      action: {
        ja: `復元訓練をしてください：mikura drill --copy ${name}`,
        en: `Hold a restore drill: mikura drill --copy ${name}`,
      },
    };
  }
  if (facts.stale) {
    return {
      verdict: "attention",
      cause: { ja: "期限切れ：世代が古くなりました", en: "Stale: its newest snapshot is too old" },
      action: { ja: "mikura backup を実行してください", en: "Run: mikura backup" },
    };
  }
  if (snapshot && newest && snapshot.id !== newest.id && !facts.excused) {
    return {
      verdict: "attention",
      cause: {
        ja: "最新の世代がまだ届いていません",
        en: "The newest snapshot has not reached it yet",
      },
      action: { ja: "mikura backup を実行してください", en: "Run: mikura backup" },
    };
  }
  const skipped = snapshot?.skipped.length ?? 0;
  if (skipped > 0) {
    return {
      verdict: "attention",
      cause: {
        ja: `読めなかったファイルが ${skipped} 件あり、写しに入っていません`,
        en: `${skipped} files could not be read and are in no copy`,
      },
      action: {
        ja: `「${dataset.title}」の読めないファイルの権限を直してください：${snapshot!.skipped[0]}`,
        en: `Make the unreadable files of "${dataset.title}" readable: ${snapshot!.skipped[0]}`,
      },
    };
  }
  return { verdict: "proved" };
}
