import type { Progress } from "../../base/progress.ts";
import { rawFromText } from "../../base/raw-name.ts";
import type { ManifestEntry } from "../../vault/manifest.ts";
import { type Wanted, findSnapshot } from "../common/find-snapshot.ts";
import { readManifestFile } from "../common/manifest-reader.ts";
import { openSource } from "../common/open-source.ts";
import type { StoredSnapshot, VaultReader } from "../common/vault-reader.ts";
import type { Workplace } from "../common/workplace.ts";
import { type RestoredTree, restoreTree } from "./restore-tree.ts";
import { needSpace, prepareTarget } from "./target.ts";
import { census, everything, onlyPaths } from "./tree-walk.ts";
import { writeZip } from "./zip.ts";

export type { RestoredTree } from "./restore-tree.ts";
export type { WrongPath } from "./write-messages.ts";
export { census } from "./tree-walk.ts";

export interface RestoreWish extends Wanted {
  readonly copy: string;
  readonly to: { readonly folder: string } | { readonly zip: string };
  /** Paths of the source, or below the restored folder; none: everything. */
  readonly paths: readonly string[];
}

export interface RestoreResult extends RestoredTree {
  readonly snapshot: StoredSnapshot;
  /** Folder or file that was written. */
  readonly target: string;
  /** How far the manifest vouches for what was restored. */
  readonly manifest: ManifestState;
  readonly seconds: number;
}

/**
 * `known`: it is the one that the ledger recorded. `own`: it agrees with itself, the ledger knows
 * nothing of it. `other`: not the one that the ledger recorded. `none`: the snapshot has none.
 */
export type ManifestState = "known" | "own" | "other" | "none";

/** Brings data back from one copy, and from no other. */
export async function restore(place: Workplace, wish: RestoreWish): Promise<RestoreResult> {
  const { policy, around } = place;
  const started = around.clock.now();
  const reader = await openSource(place, wish.copy);
  around.progress.phase("restore", wish.copy);
  const snapshot = findSnapshot(await reader.snapshots(), wish);
  const forbidden = [
    ...policy.datasets.flatMap(({ folders }) => folders),
    ...policy.copies.flatMap((copy) => (copy.type === "local" ? copy.paths : [])),
    ...policy.foreign.map(({ path }) => path),
  ];
  const base = {
    reader,
    snapshot,
    paths: wish.paths,
    progress: around.progress,
    signal: around.signal,
  };
  const written =
    "zip" in wish.to
      ? await writeZip<ManifestState>({
          ...base,
          file: wish.to.zip,
          forbidden,
          ...(await vouched(place, reader, snapshot)),
        })
      : await restoreInto(place, { ...base, folder: wish.to.folder, forbidden });
  return { ...written, snapshot, seconds: (around.clock.now() - started) / 1000 };
}

/** Restores a snapshot into a new or empty folder and proves what it wrote. */
export async function restoreInto(
  place: Workplace,
  given: {
    reader: VaultReader;
    snapshot: StoredSnapshot;
    folder: string;
    forbidden: readonly string[];
    paths: readonly string[];
    progress: Progress;
    signal: AbortSignal;
  },
): Promise<RestoredTree & { target: string; manifest: ManifestState }> {
  const { reader, snapshot, paths } = given;
  const { manifest, state } = await vouched(place, reader, snapshot);
  const size = await census(reader, snapshot.tree);
  const target = await prepareTarget(given.folder, given.forbidden);
  if (paths.length === 0) {
    await needSpace(target, size.bytes);
    given.progress.expect(size.files, size.bytes);
  }
  const filter = paths.length === 0 ? everything : onlyPaths(paths.map(rawFromText));
  const tree = await restoreTree({ ...given, root: snapshot.tree, target, filter, manifest });
  return { ...tree, target, manifest: state };
}

/** The manifest of a snapshot, and whether the ledger knows it. */
async function vouched(
  { ledger }: Workplace,
  reader: VaultReader,
  snapshot: StoredSnapshot,
): Promise<{ manifest: Iterable<ManifestEntry> | undefined; state: ManifestState }> {
  const read = await readManifestFile(reader, snapshot.tree);
  const recorded = ledger.snapshots.find(snapshot.id)?.manifestSha256;
  if (!read) return { manifest: undefined, state: recorded === undefined ? "none" : "other" };
  if (recorded === read.sha256) return { manifest: read.entries, state: "known" };
  for (const _ of read.entries); // throws where it is none, before anything is written
  return { manifest: read.entries, state: recorded === undefined ? "own" : "other" };
}
