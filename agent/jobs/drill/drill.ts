import { mkdirSync, mkdtempSync } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Fault, asFault } from "../../base/fault.ts";
import { rawToText } from "../../base/raw-name.ts";
import type { Dataset } from "../../policy/policy.ts";
import type { Id } from "../../vault/ids.ts";
import { findSnapshot } from "../common/find-snapshot.ts";
import { readManifest } from "../common/manifest-reader.ts";
import { unknownCopy } from "../common/open-source.ts";
import { type ReadyCopy } from "../common/open-copies.ts";
import { VaultReader } from "../common/vault-reader.ts";
import type { Workplace } from "../common/workplace.ts";
import { restoreInto } from "../restore/restore.ts";
import { compareWithManifest } from "./compare.ts";

export interface DrillWish {
  readonly copy: string | undefined;
  readonly dataset: string | undefined;
  readonly snapshot: string | undefined;
}

export interface Drill {
  readonly dataset: Dataset;
  readonly copy: string;
  readonly snapshot: Id | undefined;
  /** `unproved`: the drill could not be held at all. */
  readonly result: "proved" | "failed" | "unproved";
  readonly files: number;
  readonly bytes: number;
  /** From opening the copy to the last file written; comparing is not counted. */
  readonly seconds: number;
  /** For people: what was not as it should be. */
  readonly mismatches: readonly string[];
  readonly fault?: Fault;
}

/**
 * Restores each dataset from each copy into an empty scratch folder and compares it with the
 * manifest of the source. One drill's trouble does not stop the others. The scratch is removed.
 */
export async function drill(place: Workplace, wish: DrillWish): Promise<Drill[]> {
  const { policy, around } = place;
  if (wish.copy !== undefined && !policy.copies.some(({ name }) => name === wish.copy)) {
    throw unknownCopy(policy.copies, wish.copy);
  }
  const scratch = join(policy.state, "drill");
  await clear(scratch); // of a run that was killed
  const opened = (await place.copies()).filter(
    ({ copy }) => wish.copy === undefined || copy.name === wish.copy,
  );
  const { key } = await place.unlock(opened);
  const datasets = policy.datasets.filter(
    ({ name }) => wish.dataset === undefined || name === wish.dataset,
  );
  const drills: Drill[] = [];
  for (const copy of opened) {
    for (const dataset of datasets) {
      around.signal.throwIfAborted();
      if (copy.state !== "ready") {
        drills.push(unheld(dataset, copy.copy.name, copy.fault));
        continue;
      }
      try {
        const reader = await VaultReader.open(copy.store, copy.copy.name, key);
        drills.push(await drillOne(place, copy, reader, dataset, wish.snapshot, scratch));
      } catch (error) {
        around.signal.throwIfAborted();
        drills.push(failedDrill(place, dataset, copy.copy.name, asFault(error)));
      } finally {
        await clear(scratch);
      }
    }
  }
  return drills;
}

async function drillOne(
  place: Workplace,
  { copy }: ReadyCopy,
  reader: VaultReader,
  dataset: Dataset,
  wanted: string | undefined,
  scratch: string,
): Promise<Drill> {
  const { around } = place;
  const snapshot = findSnapshot(await reader.snapshots(), {
    dataset: dataset.name,
    snapshot: wanted,
  });
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(scratch, "scratch-"));
  around.progress.phase("drill", `${dataset.title} ← ${copy.name}`);
  const started = around.clock.now();
  const restored = await restoreInto(place, {
    reader,
    snapshot,
    folder,
    forbidden: [],
    paths: [],
    progress: around.progress,
    signal: around.signal,
  });
  const seconds = (around.clock.now() - started) / 1000;
  const mismatches = restored.wrong.map(({ path, why }) => `${rawToText(path)}: ${why}`);
  const manifest = await readManifest(reader, snapshot.tree);
  if (!manifest || restored.manifest === "other") {
    mismatches.push(".mikura/manifest.json: not the one that was recorded at the backup");
  } else {
    around.progress.phase("compare", `${dataset.title} ← ${copy.name}`);
    const compared = await compareWithManifest(
      folder,
      manifest.entries,
      around.progress,
      around.signal,
    );
    // What could not be restored is missing as well: once is enough.
    const told = new Set(restored.wrong.map(({ path }) => path));
    const more = compared.mismatches.filter(({ path }) => !told.has(path));
    mismatches.push(...more.map(({ path, what }) => `${rawToText(path)}: ${what}`));
  }
  if (seconds > dataset.rtoS)
    mismatches.push(`too slow: ${seconds.toFixed(0)} s, allowed ${dataset.rtoS} s`);
  const result = mismatches.length === 0 ? "proved" : "failed";
  const { files, bytes } = restored;
  const done: Drill = {
    dataset,
    copy: copy.name,
    snapshot: snapshot.id,
    result,
    files,
    bytes,
    seconds,
    mismatches,
  };
  record(place, done);
  return done;
}

/** Nothing can be said of a copy that is not there: the last proof keeps its age (promise 6). */
function unheld(dataset: Dataset, copy: string, fault: Fault): Drill {
  return { ...NOTHING, dataset, copy, fault };
}

function failedDrill(place: Workplace, dataset: Dataset, copy: string, fault: Fault): Drill {
  const failed: Drill = {
    ...NOTHING,
    dataset,
    copy,
    result: "failed",
    fault,
    mismatches: [fault.what.en],
  };
  // Without any snapshot there is nothing to fail: it is still unproved.
  if (fault.code === "no-snapshot") return unheld(dataset, copy, fault);
  record(place, failed);
  return failed;
}

const NOTHING = {
  snapshot: undefined,
  result: "unproved",
  files: 0,
  bytes: 0,
  seconds: 0,
  mismatches: [],
} as const;

function record({ ledger, around }: Workplace, done: Drill): void {
  if (done.result === "unproved") return;
  ledger.drills.add({
    at: around.clock.now(),
    dataset: done.dataset.name,
    copy: done.copy,
    snapshot: done.snapshot ?? "",
    result: done.result,
    files: done.files,
    bytes: done.bytes,
    seconds: done.seconds,
    mismatches: done.mismatches.slice(0, 100),
  });
}

/** Removes scratch folders, also those in which a restored folder is not writable. */
async function clear(scratch: string): Promise<void> {
  try {
    await rm(scratch, { recursive: true, force: true });
  } catch {
    await openUp(scratch);
    await rm(scratch, { recursive: true, force: true });
  }
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
}
