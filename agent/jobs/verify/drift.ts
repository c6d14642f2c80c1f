import { asFault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import type { Presence, RecordedObject } from "../../ledger/object-records.ts";
import { idOf } from "../../vault/ids.ts";
import type { OpenedCopy, ReadyCopy } from "../common/open-copies.ts";
import { isStale, newestIn } from "../common/freshness.ts";
import { type Workplace, noLedger, noVault, readyOf } from "../common/workplace.ts";
import { heldBefore } from "../common/held.ts";
import { type Held, listHeld } from "./read-back.ts";

export type DriftKind = "missing" | "damaged" | "extra" | "behind" | "stale" | "foreign" | "absent";

/** One difference between what a copy holds and what policy and ledger say it must hold. */
export interface Drift {
  readonly copy: string;
  readonly kind: DriftKind;
  /** "data/ID" where it is about one object. */
  readonly object?: string;
  readonly dataset?: string;
  /** Milliseconds: when it was first seen. */
  readonly since: number;
  readonly detail: Words;
  readonly action: Words;
}

/** Compares every copy with ledger and policy, by listing; contents are not read but for keys. */
export async function findDrift(place: Workplace): Promise<Drift[]> {
  const opened = await place.copies();
  // Compared with nothing, everything would look foreign.
  if (place.ledger.vault.id === undefined)
    throw readyOf(opened).length > 0 ? noLedger() : noVault();
  const findings = await Promise.all(opened.map((copy) => driftOf(place, copy)));
  return findings.flat();
}

async function driftOf(place: Workplace, opened: OpenedCopy): Promise<Drift[]> {
  const now = place.around.clock.now();
  const { name } = opened.copy;
  if (opened.state !== "ready") return [unready(place, opened), ...staleIn(place, name)];
  try {
    return [...(await compare(place, opened)), ...staleIn(place, name)];
  } catch (error) {
    place.around.signal.throwIfAborted();
    const { what, next } = asFault(error);
    return [{ copy: name, kind: "damaged", since: now, detail: what, action: next }];
  }
}

async function compare(place: Workplace, { copy, store }: ReadyCopy): Promise<Drift[]> {
  const { ledger, around } = place;
  const now = around.clock.now();
  const held = new Map(
    (await listHeld(store, copy.name, heldBefore(ledger, copy.name))).map((object) => [
      `${object.kind}/${object.name}`,
      object,
    ]),
  );
  const known = ledger.objects.of(copy.name);
  const findings: Drift[] = [];
  const owed: RecordedObject[] = [];
  const since = (path: string): number => known.get(path)?.badSince ?? now;
  const add = (kind: DriftKind, path: string, detail: Words, action: Words): void => {
    const object = path === "config/config" ? "config" : path;
    findings.push({
      copy: copy.name,
      kind,
      object,
      ...datasetOf(place, path),
      since: since(path),
      detail,
      action,
    });
  };
  for (const object of ledger.objects.expected()) {
    const path = `${object.kind}/${object.name}`;
    const here = held.get(path);
    held.delete(path);
    const before = known.get(path);
    if (!here && !before) owed.push(object);
    else if (!here) add("missing", path, GONE, BRING_BACK);
    else if (await isDamaged(object, here, before, store))
      add("damaged", path, DAMAGED, BRING_BACK);
  }
  for (const path of held.keys()) add("extra", path, UNKNOWN, LOOK_AT);
  if (owed.length > 0) findings.push(behind(copy.name, owed, now));
  recordMissing(place, copy.name, findings, now);
  return findings;
}

/** By size, by what verify found, and for the small objects that open the vault by their bytes. */
async function isDamaged(
  object: RecordedObject,
  here: Held,
  before: Presence | undefined,
  store: ReadyCopy["store"],
): Promise<boolean> {
  if (here.size !== object.size || before?.bad === "damaged") return true;
  if (here.kind !== "config" && here.kind !== "keys") return false;
  const bytes = await store.get(here);
  return bytes !== undefined && idOf(bytes) !== object.sha256;
}

function recordMissing(
  place: Workplace,
  copy: string,
  findings: readonly Drift[],
  now: number,
): void {
  place.ledger.together(() => {
    for (const { kind, object } of findings) {
      if (kind !== "missing" || object === undefined) continue;
      const [group, name] = object === "config" ? ["config", "config"] : object.split("/");
      place.ledger.objects.bad(copy, group!, name!, now, "missing");
    }
  });
}

function datasetOf({ ledger }: Workplace, path: string): { dataset?: string } {
  if (!path.startsWith("snapshots/")) return {};
  const dataset = ledger.snapshots.find(path.slice("snapshots/".length))?.dataset;
  return dataset === undefined ? {} : { dataset };
}

function unready(place: Workplace, opened: Exclude<OpenedCopy, ReadyCopy>): Drift {
  const { copy, fault, state } = opened;
  const since = place.ledger.copies.find(copy.name)?.seenAt ?? place.around.clock.now();
  const kind =
    fault.code === "copy-foreign" ? "foreign" : state === "absent" ? "absent" : "damaged";
  return { copy: copy.name, kind, since, detail: fault.what, action: fault.next };
}

function staleIn(place: Workplace, copy: string): Drift[] {
  const now = place.around.clock.now();
  return place.policy.datasets.flatMap((dataset): Drift[] => {
    const newest = newestIn(place, dataset.name, copy);
    if (!isStale(dataset, newest?.receivedAt, now)) return [];
    const detail: Words = newest
      ? {
          ja: `「${dataset.title}」のいちばん新しい世代が、許した古さを超えています`,
          en: `The newest snapshot of "${dataset.title}" is older than the policy allows`,
        }
      : {
          ja: `「${dataset.title}」の世代が1つもありません`,
          en: `There is no snapshot of "${dataset.title}"`,
        };
    const action = { ja: "mikura backup を実行してください", en: "Run: mikura backup" };
    return [
      {
        copy,
        kind: "stale",
        dataset: dataset.name,
        since: newest?.receivedAt ?? now,
        detail,
        action,
      },
    ];
  });
}

function behind(copy: string, owed: readonly RecordedObject[], now: number): Drift {
  const bytes = owed.reduce((sum, { size }) => sum + size, 0);
  return {
    copy,
    kind: "behind",
    since: now,
    detail: {
      ja: `まだ届いていないものが ${owed.length} 件（${bytes} バイト）あります`,
      en: `${owed.length} objects (${bytes} bytes) have not reached it yet`,
    },
    action: {
      ja: "写しをつないだまま mikura backup を実行してください",
      en: "Keep the copy connected and run: mikura backup",
    },
  };
}

const GONE: Words = {
  ja: "前はあったのに、なくなっています",
  en: "It was there before and is gone",
};
const DAMAGED: Words = {
  ja: "中身か大きさが、あるべきものと違います",
  en: "Its bytes or its size are not what they must be",
};
const UNKNOWN: Words = {
  ja: "台帳にないものがあります",
  en: "The ledger does not know it",
};
const BRING_BACK: Words = {
  ja: "mikura verify --all で広がりを確かめてください。別の写しからの復元はいつでもできます",
  en: "Find out how far it goes with mikura verify --all; restoring from another copy is always possible",
};
const LOOK_AT: Words = {
  ja: "restic など別のプログラムがこの写しに書いていないか確かめてください。消す必要はありません",
  en: "Check whether another program, such as restic, writes to this copy; there is no need to delete it",
};
