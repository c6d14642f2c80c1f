import { join } from "node:path";
import { Fault, asFault } from "../../base/fault.ts";
import { type RawName, rawToText } from "../../base/raw-name.ts";
import { VERSION } from "../../base/version.ts";
import type { Dataset } from "../../policy/policy.ts";
import { sealFile } from "../../vault/files.ts";
import { type Id, idOf } from "../../vault/ids.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { encodeSnapshot } from "../../vault/snapshot-file.ts";
import { heldBefore } from "../common/held.ts";
import type { UnreadyCopy } from "../common/open-copies.ts";
import { type Workplace, noLedger, readyOf } from "../common/workplace.ts";
import { bringUp, owedBy } from "./bring-up.ts";
import { CopyLane } from "./copy-lane.ts";
import { Distribution } from "./distribution.ts";
import { countSource } from "./count-source.ts";
import { readOwnerNames } from "./owner-names.ts";
import { type Reconciled, reconcile } from "./reconcile.ts";
import { Sealers } from "./sealers.ts";
import { type Taken, takeSnapshot } from "./snapshot-maker.ts";
import { sourceFolders } from "./source-folders.ts";
import type { FileCounts, Trouble } from "./source-reading.ts";

export type { FileCounts, Trouble } from "./source-reading.ts";
export { CHANGING } from "./source-reading.ts";
export { sourceFolders } from "./source-folders.ts";

export interface DatasetBackup {
  readonly dataset: Dataset;
  /** Undefined where no snapshot could be taken. */
  readonly snapshot: Id | undefined;
  readonly files: FileCounts;
  readonly bytes: { readonly read: number; readonly added: number };
  readonly troubles: readonly Trouble[];
  readonly fault?: Fault;
}

export interface CopyBackup {
  readonly name: string;
  readonly state: "current" | "behind" | "absent" | "failed";
  readonly fault?: Fault;
  /** Objects that no other copy could give it. */
  readonly lacking: readonly string[];
  readonly objectsSent: number;
  readonly bytesSent: number;
  /** True for a disk that may be away now (`rotates`). */
  readonly excused: boolean;
}

export interface BackupResult {
  readonly datasets: readonly DatasetBackup[];
  readonly copies: readonly CopyBackup[];
  readonly seconds: number;
}

/**
 * Takes a snapshot of each dataset and brings every copy up to date. One dataset's or one copy's
 * trouble is in its result; it throws only where nothing at all can be done.
 */
export async function backup(
  place: Workplace,
  datasets: readonly Dataset[],
): Promise<BackupResult> {
  const { ledger, around } = place;
  const started = around.clock.now();
  const copies = await place.copies();
  const { key } = await place.unlock(copies);
  // Without a ledger nobody knows which copies are ours: a stranger's could be written into.
  if (ledger.vault.id === undefined) throw noLedger();

  const lanes = readyOf(copies).map((copy) => new CopyLane(copy, () => distribution.relieve()));
  const distribution = new Distribution(lanes, key, ledger, () => around.clock.now());
  await Promise.all(lanes.map((lane) => lane.look(heldBefore(ledger, lane.name))));
  const vault = await reconcile(lanes, ledger, key, started);
  for (const { contents, size } of vault.orphans) distribution.adopt(contents, size);

  const taken: Outcome[] = [];
  {
    await using sealers = new Sealers(
      key,
      vault.index,
      (pack) => distribution.accept(pack),
      around.signal,
    );
    distribution.slots = sealers.slots;
    for (const dataset of datasets) {
      const before = distribution.bytesAdded;
      try {
        const one = await takeOne(place, dataset, sealers, vault);
        await sealers.flush();
        taken.push({ ...one, bytesAdded: distribution.bytesAdded - before });
      } catch (error) {
        around.signal.throwIfAborted();
        taken.push({ dataset, fault: asFault(error) });
      }
    }
    await distribution.finish();
  }

  const outcomes = distribution.complete ? taken : taken.map(notStored);
  const { ids, files } = announce(place, outcomes, key);
  around.progress.phase("bring-up");
  const owed = lanes.map((lane) => owedBy(lane, ledger));
  around.progress.expect(owed.flat().length, sizeOf(owed.flat()));
  const lacking = await Promise.all(
    lanes.map((lane, i) =>
      bringUp(lane, owed[i]!, lanes, ledger, {
        fresh: files,
        lost: vault.lost,
        progress: around.progress,
        now: () => around.clock.now(),
      }),
    ),
  );
  return {
    datasets: outcomes.map((one) => datasetResult(one, ids.get(one.dataset.name))),
    copies: [
      ...lanes.map((lane, i) => laneResult(place, lane, lacking[i]!)),
      ...copies.flatMap((copy) => (copy.state === "ready" ? [] : [unreadyResult(place, copy)])),
    ],
    seconds: (around.clock.now() - started) / 1000,
  };
}

interface TakenSnapshot extends Taken {
  readonly dataset: Dataset;
  readonly timeNs: bigint;
  readonly paths: readonly string[];
  readonly parent: Id | undefined;
  /** Bytes of new packs. */
  readonly bytesAdded: number;
}

type Outcome = TakenSnapshot | { readonly dataset: Dataset; readonly fault: Fault };

/** Some new pack is in no copy: a snapshot that may name it could be restored from nowhere. */
function notStored(one: Outcome): Outcome {
  if ("fault" in one) return one;
  const { dataset } = one;
  const fault = new Fault("copy-failed", {
    what: {
      ja: `「${dataset.title}」のデータをすべて受け取れた写しがありません。世代は作りませんでした`,
      en: `No copy could take all data of "${dataset.title}"; no snapshot was made`,
    },
    next: {
      ja: "下に示す写しの問題を直してから、もう一度実行してください",
      en: "Mend what is wrong with the copies below, then run this again",
    },
  });
  return { dataset, fault };
}

async function takeOne(
  place: Workplace,
  dataset: Dataset,
  sealers: Sealers,
  vault: Reconciled,
): Promise<Omit<TakenSnapshot, "bytesAdded">> {
  const { around, policy, ledger } = place;
  const folders = await sourceFolders(dataset);
  const before = ledger.snapshots.latest(dataset.name);
  around.progress.phase("backup", dataset.title);
  if (around.progress.shown) void announceSize(folders, dataset, around);
  const timeNs = BigInt(around.clock.now()) * 1_000_000n;
  const taken = await takeSnapshot({
    source: {
      folders,
      exclude: dataset.exclude,
      scratch: join(policy.state, "scan", dataset.name),
    },
    // What is lost everywhere must be read from the source again: then nothing is taken for known.
    before: vault.lost.size > 0 ? undefined : before,
    sealers,
    owners: readOwnerNames(),
    timeNs,
    progress: around.progress,
    signal: around.signal,
  });
  return { ...taken, dataset, timeNs, paths: folders.map(rawToText), parent: before?.id };
}

/** Counts what is to come while the work is already under way, for the time that is left. */
async function announceSize(
  folders: readonly RawName[],
  dataset: Dataset,
  { progress, signal }: Workplace["around"],
): Promise<void> {
  const { files, bytes } = await countSource(folders, dataset.exclude, signal);
  progress.expect(files, bytes);
}

function sizeOf(objects: readonly { size: number }[]): number {
  return objects.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Enters the new snapshots in the ledger, before any copy shows them. Their ids by dataset, and
 * their sealed files by id.
 */
function announce(
  place: Workplace,
  taken: readonly Outcome[],
  key: MasterKey,
): { ids: Map<string, Id>; files: Map<Id, Buffer> } {
  const { ledger, around } = place;
  const ids = new Map<string, Id>();
  const files = new Map<Id, Buffer>();
  for (const one of taken) {
    if ("fault" in one) continue;
    const file = sealFile(key, snapshotJson(place, one));
    const id = idOf(file);
    const now = around.clock.now();
    const scanSha256 = one.commitMemory();
    ledger.together(() => {
      ledger.objects.add({ kind: "snapshots", name: id, size: file.length, sha256: id }, now);
      ledger.snapshots.add({
        id,
        dataset: one.dataset.name,
        timeNs: one.timeNs,
        receivedAt: now,
        tree: one.tree,
        manifestSha256: one.manifest.sha256,
        manifestNode: one.manifest.node,
        files: one.files.new + one.files.changed + one.files.unchanged,
        bytes: one.bytes,
        skipped: one.skipped,
        scanSha256,
      });
    });
    ids.set(one.dataset.name, id);
    files.set(id, file);
  }
  return { ids, files };
}

function snapshotJson({ around }: Workplace, one: TakenSnapshot): string {
  return encodeSnapshot({
    time: one.timeNs,
    parent: one.parent,
    tree: one.tree,
    paths: one.paths,
    hostname: around.hostname,
    username: around.username,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    excludes: one.dataset.exclude,
    tags: [one.dataset.name],
    program: `mikura ${VERSION}`,
  });
}

function datasetResult(one: Outcome, snapshot: Id | undefined): DatasetBackup {
  const { dataset } = one;
  if ("fault" in one) {
    const files = { new: 0, changed: 0, unchanged: 0, unreadable: 0 };
    return {
      dataset,
      snapshot,
      files,
      bytes: { read: 0, added: 0 },
      troubles: [],
      fault: one.fault,
    };
  }
  const { files, troubles, bytesRead, bytesAdded } = one;
  return { dataset, snapshot, files, bytes: { read: bytesRead, added: bytesAdded }, troubles };
}

function laneResult(
  { ledger, around }: Workplace,
  lane: CopyLane,
  lacking: readonly string[],
): CopyBackup {
  const { name, fault, objectsSent, bytesSent } = lane;
  const now = around.clock.now();
  ledger.copies.seen(name, now);
  const state = fault ? "failed" : lacking.length > 0 ? "behind" : "current";
  if (state === "current") ledger.copies.current(name, now);
  return {
    name,
    state,
    ...(fault ? { fault } : {}),
    lacking,
    objectsSent,
    bytesSent,
    excused: false,
  };
}

function unreadyResult(
  { ledger, around }: Workplace,
  { copy, state, fault }: UnreadyCopy,
): CopyBackup {
  const current = ledger.copies.find(copy.name)?.currentAt;
  const excused =
    state === "absent" &&
    copy.rotatesS !== undefined &&
    current !== undefined &&
    around.clock.now() - current <= copy.rotatesS * 1000;
  return { name: copy.name, state, fault, lacking: [], objectsSent: 0, bytesSent: 0, excused };
}
