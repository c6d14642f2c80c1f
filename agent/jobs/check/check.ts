import { type Fault, asFault } from "../../base/fault.ts";
import { readmeNotes } from "../../copies/readme.ts";
import type { RuleVerdict } from "../../policy/rules.ts";
import type { Finding } from "../common/drivers/driver.ts";
import type { OpenedCopy, ReadyCopy } from "../common/open-copies.ts";
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
  /** What is wrong with how the place is set up, or cannot be told about it. */
  readonly findings: readonly Finding[];
}

export interface DatasetCheck {
  readonly name: string;
  readonly fault?: Fault;
}

/**
 * Looks at everything that a backup needs. Writes the instructions in each copy, and in copies
 * behind a network a probe that it tries to delete.
 */
export async function check(place: Workplace): Promise<CheckResult> {
  const { policy, ledger } = place;
  const opened = await place.copies();
  const copies = await Promise.all(opened.map((copy) => checkCopy(place, copy)));
  const rules = await rulesNow(place, opened); // behind the trials that decide R5
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

async function checkCopy(place: Workplace, opened: OpenedCopy): Promise<CopyCheck> {
  const { name } = opened.copy;
  const { ledger } = place;
  if (opened.state !== "ready") {
    const isNew = opened.state === "absent" && !ledger.copies.find(name);
    return { name, state: isNew ? "new" : opened.state, fault: opened.fault, findings: [] };
  }
  try {
    // Writing the instructions anew proves that the copy can be written, and leaves no litter.
    for (const { name: note, bytes } of readmeNotes()) await opened.store.writeNote(note, bytes);
    const findings = await findingsOf(place, opened);
    return { name, state: "ready", findings };
  } catch (error) {
    return { name, state: "failed", fault: asFault(error), findings: [] };
  }
}

async function findingsOf(
  { ledger, around }: Workplace,
  { copy, driver }: ReadyCopy,
): Promise<readonly Finding[]> {
  const findings = [...((await driver.findings?.()) ?? [])];
  if (driver.isUndeletable) {
    const refused = await driver.isUndeletable();
    ledger.copies.tried(copy.name, refused ? around.clock.now() : undefined);
    if (!refused && copy.type === "s3" && copy.objectLockS !== undefined) findings.push(NOT_LOCKED);
  }
  return findings;
}

const NOT_LOCKED: Finding = {
  state: "bad",
  what: {
    ja: "方針書には object-lock がありますが、置いたばかりのものを、この機械の認証情報で消せてしまいました",
    en: "the policy says object-lock, but what was just put there could be deleted with this machine's credentials",
  },
  next: {
    ja: "バケットの Object Lock の設定と、この認証情報の権限を確かめてください",
    en: "Check the bucket's Object Lock and what these credentials may do",
  },
};

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
