import { placeOf } from "../../copies/local/place.ts";
import type { KnownCopy } from "../../ledger/copy-register.ts";
import {
  type CopyFacts,
  type RuleVerdict,
  judgeRules,
  undeletableNow,
} from "../../policy/rules.ts";
import type { OpenedCopy } from "./open-copies.ts";
import type { Workplace } from "./workplace.ts";

/** The rules of three copies, judged by where the copies really are now. */
export async function rulesNow(
  place: Workplace,
  opened: readonly OpenedCopy[],
): Promise<readonly RuleVerdict[]> {
  const { policy, ledger, around } = place;
  const now = around.clock.now();
  const copies = await Promise.all(
    opened.map(async (one) => {
      const { copy, state, driver } = one;
      const known = ledger.copies.find(copy.name);
      const id = await placeId(one, known);
      if (state === "ready" && id !== undefined) ledger.copies.at(copy.name, id);
      return {
        ...copy,
        place: id === undefined ? undefined : { id },
        needsInternet: driver?.needsInternet,
        // A disk that was never made is not one that is safely away.
        undeletable: known ? undeletable(one, known, now) : ("no" as const),
      };
    }),
  );
  const folders = policy.datasets.flatMap((dataset) => dataset.folders);
  const places = await Promise.all(
    folders.map(async (folder) => (await placeOf(folder, "")).place),
  );
  return judgeRules(copies, { site: policy.site, places: [...new Set(places)] }, policy.waive);
}

/** A copy that is away is where it was last seen; one that was never made is where it would come to lie. */
async function placeId(
  { copy, state, driver }: OpenedCopy,
  known: KnownCopy | undefined,
): Promise<string | undefined> {
  if (!driver) return known?.place;
  // A folder can be asked about before it is made; a service only once it answers.
  const asked = state === "ready" || (!known && copy.type === "local");
  if (!asked) return known?.place;
  // Asking a service costs: what it said before holds as long as the marker is the same.
  if (copy.type !== "local" && known?.place !== undefined) return known.place;
  try {
    return await driver.place();
  } catch (error) {
    if (copy.type === "local") throw error;
    return undefined; // cannot be told now
  }
}

/** A trial that was refused counts as long as a drill does. */
const TRIAL_COUNTS_MS = 35 * 86_400_000;

function undeletable(
  { copy, state, driver }: OpenedCopy,
  { undeletableAt }: KnownCopy,
  now: number,
): CopyFacts["undeletable"] {
  if (copy.type === "local") return undeletableNow(copy.rotatesS !== undefined, state === "ready");
  if (undeletableAt !== undefined && now - undeletableAt <= TRIAL_COUNTS_MS) return "proved";
  // Claimed by the policy, and not tried yet, or not any more: `check` tries.
  const claims = copy.type === "s3" && copy.objectLockS !== undefined;
  return claims && driver ? "claimed" : "no";
}
