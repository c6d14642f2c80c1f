import { placeOf } from "../../copies/local/place.ts";
import { type RuleVerdict, judgeRules, undeletableNow } from "../../policy/rules.ts";
import type { OpenedCopy } from "./open-copies.ts";
import type { Workplace } from "./workplace.ts";

/** The rules of three copies, judged by where the copies really are now. */
export async function rulesNow(
  place: Workplace,
  opened: readonly OpenedCopy[],
): Promise<readonly RuleVerdict[]> {
  const { policy, ledger } = place;
  const copies = await Promise.all(
    opened.map(async (one) => {
      const { copy, state } = one;
      const known = ledger.copies.find(copy.name);
      const id = await placeId(one, known?.place, known !== undefined);
      if (state === "ready" && id !== undefined) ledger.copies.at(copy.name, id);
      return {
        ...copy,
        place: id === undefined ? undefined : { id },
        // A folder is read with no more than its disk or the local network.
        needsInternet: copy.type === "local" ? false : undefined,
        // A disk that was never made is not one that is safely away.
        undeletable: known
          ? undeletableNow(copy.rotatesS !== undefined, state === "ready")
          : ("no" as const),
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
  { copy, state }: OpenedCopy,
  lastSeen: string | undefined,
  known: boolean,
): Promise<string | undefined> {
  if (copy.type !== "local") return undefined; // no driver yet that could tell
  const [path, ...others] = copy.paths;
  // Of disks that take turns, only the one that is there can tell.
  if (state === "ready" || (!known && others.length === 0))
    return (await placeOf(path, copy.name)).place;
  return lastSeen;
}
