import { type Fault, asFault } from "../../base/fault.ts";
import { readmeNotes } from "../../copies/readme.ts";
import type { RuleVerdict } from "../../policy/rules.ts";
import type { OpenedCopy } from "../common/open-copies.ts";
import { rulesNow } from "../common/rule-facts.ts";
import { type Workplace, readyOf } from "../common/workplace.ts";
import { sourceFolders } from "../backup/backup.ts";

export interface CheckResult {
  readonly rules: readonly RuleVerdict[];
  readonly copies: readonly CopyCheck[];
  readonly datasets: readonly DatasetCheck[];
  /** Why the key file does not open the vault. */
  readonly key?: Fault;
}

export interface CopyCheck {
  readonly name: string;
  readonly state: "ready" | "absent" | "failed" | "new";
  readonly fault?: Fault;
}

export interface DatasetCheck {
  readonly name: string;
  readonly fault?: Fault;
}

/** Looks at everything that a backup needs; writes nothing but the instructions in each copy. */
export async function check(place: Workplace): Promise<CheckResult> {
  const { policy, ledger } = place;
  const opened = await place.copies();
  const rules = await rulesNow(place, opened);
  const copies = await Promise.all(opened.map((copy) => checkCopy(place, copy)));
  const datasets = await Promise.all(
    policy.datasets.map(async (dataset) => {
      try {
        await sourceFolders(dataset);
        return { name: dataset.name };
      } catch (error) {
        return { name: dataset.name, fault: asFault(error) };
      }
    }),
  );
  const key =
    readyOf(opened).length > 0 || ledger.vault.id !== undefined
      ? await keyFault(place, opened)
      : undefined;
  return { rules, copies, datasets, ...(key ? { key } : {}) };
}

async function checkCopy({ ledger }: Workplace, opened: OpenedCopy): Promise<CopyCheck> {
  const { name } = opened.copy;
  if (opened.state === "ready") {
    try {
      // Writing the instructions anew proves that the copy can be written, and leaves no litter.
      for (const { name: note, bytes } of readmeNotes()) await opened.store.writeNote(note, bytes);
      return { name, state: "ready" };
    } catch (error) {
      return { name, state: "failed", fault: asFault(error) };
    }
  }
  if (opened.state === "absent" && !ledger.copies.find(name)) {
    return { name, state: "new", fault: opened.fault };
  }
  return { name, state: opened.state, fault: opened.fault };
}

async function keyFault(
  place: Workplace,
  opened: readonly OpenedCopy[],
): Promise<Fault | undefined> {
  try {
    await place.unlock(opened);
    return undefined;
  } catch (error) {
    return asFault(error);
  }
}
