import type { Ledger } from "../../ledger/ledger.ts";
import type { RecordedObject } from "../../ledger/object-records.ts";
import type { Progress } from "../../base/progress.ts";
import type { CopyLane } from "./copy-lane.ts";
import { fetchGood } from "./reconcile.ts";

/** Objects of one copy that are fetched and put at a time. */
const AT_ONCE = 2;

/** Order of arrival: what a later kind names must be there before it (promise 1). */
const ORDER = ["config", "keys", "data", "index", "snapshots"] as const;

/** What the vault has and a copy has not. */
export function owedBy(lane: CopyLane, ledger: Ledger): RecordedObject[] {
  return ledger.objects.expected().filter(({ kind, name }) => !lane.holds(kind, name));
}

/**
 * Pays what a copy owes, by copying files from copies that have them, hash checked, never by
 * reading the source again. Snapshots come only once nothing that they may name is lacking.
 *
 * @returns "kind/name" of what no copy could give, and of what is known to be damaged here
 */
export async function bringUp(
  lane: CopyLane,
  owed: readonly RecordedObject[],
  lanes: readonly CopyLane[],
  ledger: Ledger,
  given: Given,
): Promise<string[]> {
  const donors = lanes.filter((other) => other !== lane);
  // Over what is known to be damaged no new snapshot comes: it might need just that.
  const damaged = ledger.objects.damagedIn(lane.name);
  let lacking: string[] = damaged;
  for (const kind of ORDER) {
    const due = owed.filter((object) => object.kind === kind && mayCome(object, lacking, given));
    await inTurns(due, async (object) => {
      const fresh = kind === "snapshots" ? given.fresh.get(object.name) : undefined;
      const bytes = fresh ?? (await fetchGood(donors, kind, object.name, object.sha256));
      if (bytes && (await lane.put({ kind, name: object.name }, bytes))) {
        ledger.objects.seen(lane.name, kind, object.name, given.now());
      }
      given.progress.advance(1, object.size);
    });
    if (due.length > 0) await lane.sync();
    const owing = owed.filter(({ kind, name }) => !lane.holds(kind, name)).map(pathOf);
    lacking = [...damaged, ...owing];
    if (lane.fault) break;
  }
  return lacking;
}

interface Given {
  /** Snapshots of this run by id: no copy can give them yet, and they name nothing that is lost. */
  readonly fresh: ReadonlyMap<string, Buffer>;
  /** "kind/name" of what no copy that is here has. */
  readonly lost: ReadonlySet<string>;
  readonly progress: Progress;
  readonly now: () => number;
}

/** What names other objects comes only when all of those are there, or lost in every copy. */
function mayCome(
  { kind, name }: RecordedObject,
  lacking: readonly string[],
  given: Pick<Given, "fresh" | "lost">,
): boolean {
  if (kind !== "index" && kind !== "snapshots") return true;
  const needed = lacking.filter((path) => !path.startsWith("snapshots/"));
  if (kind === "index")
    return !needed.some((path) => path.startsWith("data/") && !given.lost.has(path));
  if (needed.some((path) => !given.lost.has(path))) return false;
  return given.lost.size === 0 || given.fresh.has(name);
}

function pathOf({ kind, name }: RecordedObject): string {
  return `${kind}/${name}`;
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
}
