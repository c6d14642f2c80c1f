import { Fault } from "../../base/fault.ts";
import type { StoredSnapshot } from "./vault-reader.ts";

/** Which snapshot is meant. Without an id: the newest, of the dataset if one is named. */
export interface Wanted {
  readonly dataset?: string | undefined;
  /** An id or the beginning of one (4 digits or more), or "latest". */
  readonly snapshot?: string | undefined;
}

/** Throws Fault("no-snapshot") or Fault("ambiguous"), both exit 2. */
export function findSnapshot(all: readonly StoredSnapshot[], wanted: Wanted): StoredSnapshot {
  const ofDataset =
    wanted.dataset === undefined ? all : all.filter(({ tags }) => tags.includes(wanted.dataset!));
  const { snapshot } = wanted;
  if (snapshot === undefined || snapshot === "latest") {
    const newest = ofDataset.at(-1);
    if (newest) return newest;
    throw none(wanted.dataset ?? "latest");
  }
  const matches = ofDataset.filter(({ id }) => id.startsWith(snapshot.toLowerCase()));
  if (matches.length === 1) return matches[0]!;
  if (matches.length === 0 || snapshot.length < 4) throw none(snapshot);
  throw new Fault("ambiguous", {
    exit: 2,
    what: {
      ja: `「${snapshot}」で始まる世代が ${matches.length} 個あります`,
      en: `${matches.length} snapshots begin with "${snapshot}"`,
    },
    next: { ja: "もう少し長く書いてください", en: "Give more of its id" },
  });
}

function none(wanted: string): Fault {
  return new Fault("no-snapshot", {
    exit: 2,
    what: {
      ja: `世代「${wanted}」はこの写しにありません`,
      en: `There is no snapshot "${wanted}" in this copy`,
    },
    next: {
      ja: "mikura snapshots で一覧を見てください",
      en: "See the list with: mikura snapshots",
    },
  });
}
