import type { Ledger } from "../../ledger/ledger.ts";
import type { RecordedObject } from "../../ledger/object-records.ts";
import type { ObjectKind } from "../../copies/store.ts";
import { openFile } from "../../vault/files.ts";
import { idOf } from "../../vault/ids.ts";
import { decodeIndex } from "../../vault/index-file.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { decodeHeader, headerPart, packSize } from "../../vault/pack-header.ts";
import type { PackContents } from "../../vault/packed.ts";
import { decodeSnapshot } from "../../vault/snapshot-file.ts";
import { VaultIndex, openIndexFile } from "../common/vault-index.ts";
import type { CopyLane } from "./copy-lane.ts";

/** The vault as the ledger and the copies that are here know it together. */
export interface Reconciled {
  readonly index: VaultIndex;
  /** Packs that stand in a copy but in no index: the work of a run that was killed. */
  readonly orphans: readonly { contents: PackContents; size: number }[];
  /** "kind/name" of what the ledger expects and no copy that is here has. */
  readonly lost: ReadonlySet<string>;
}

/**
 * Compares what the copies hold with the ledger, records what is missing where, takes in what a
 * killed run left, and loads the index. Nothing is written to a copy.
 */
export async function reconcile(
  lanes: readonly CopyLane[],
  ledger: Ledger,
  key: MasterKey,
  now: number,
): Promise<Reconciled> {
  withdrawNeverLanded(lanes, ledger);
  await adoptIndexes(lanes, ledger, key, now);
  await adoptSnapshots(lanes, ledger, key, now);
  const expected = ledger.objects.expected();
  forgetHalfSent(lanes, ledger, expected);
  recordPresence(lanes, ledger, expected, now);
  const lost = new Set(
    expected
      .filter(({ kind, name }) => !lanes.some((lane) => lane.holds(kind, name)))
      .map(({ kind, name }) => `${kind}/${name}`),
  );
  const index = new VaultIndex();
  for (const { kind, name } of expected) {
    if (kind !== "index") continue;
    const file = await fetchGood(lanes, "index", name);
    if (!file) continue;
    for (const contents of openIndexFile(key, name, file)) {
      if (!lost.has(`data/${contents.pack}`)) index.add(contents);
    }
  }
  const orphans = await adoptPacks(lanes, index, key);
  for (const { contents } of orphans) index.add(contents);
  return { index, orphans, lost };
}

/** The bytes of an object from the first copy that gives them with the right hash. */
export async function fetchGood(
  lanes: readonly CopyLane[],
  kind: ObjectKind,
  name: string,
  sha256: string = name,
): Promise<Buffer | undefined> {
  for (const lane of lanes) {
    if (!lane.holds(kind, name)) continue;
    // A bad transfer is not a bad object: read once more before the next copy is asked.
    for (let reading = 0; reading < 2; reading++) {
      let bytes: Buffer | undefined;
      await lane.attempt(async () => {
        bytes = await lane.ready.store.get({ kind, name });
      });
      if (bytes && idOf(bytes) === sha256) return bytes;
    }
  }
  return undefined;
}

/** A snapshot that the ledger announced and no copy ever got: the run was killed in between. */
function withdrawNeverLanded(lanes: readonly CopyLane[], ledger: Ledger): void {
  for (const { id } of ledger.snapshots.all()) {
    // It may stand in a copy and the ledger not have heard: the run was killed right after.
    const size = ledger.objects.find("snapshots", id)?.size;
    const landed = lanes.some((lane) => lane.present.get(`snapshots/${id}`) === size);
    if (!landed && ledger.objects.neverSeen("snapshots", id)) {
      ledger.together(() => {
        ledger.objects.withdraw("snapshots", id);
        ledger.snapshots.withdraw(id);
      });
    }
  }
}

/** Index files that stand in a copy and not in the ledger: of a killed run, or made by restic. */
async function adoptIndexes(
  lanes: readonly CopyLane[],
  ledger: Ledger,
  key: MasterKey,
  now: number,
): Promise<void> {
  for (const name of namesOf(lanes, "index")) {
    if (ledger.objects.find("index", name)) continue;
    const file = await fetchGood(lanes, "index", name);
    if (!file) continue;
    const json = openFile(key, file);
    const packs = json && decodeIndex(json);
    if (!packs) continue; // somebody else's file in one copy must not stop the others: drift names it
    ledger.together(() => {
      ledger.objects.add({ kind: "index", name, size: file.length, sha256: name }, now);
      for (const contents of packs) {
        const { pack } = contents;
        // Not the size that a copy says: a killed run may have left half of it there.
        if (lanes.some((lane) => lane.holds("data", pack)))
          ledger.objects.add(
            { kind: "data", name: pack, size: packSize(contents), sha256: pack },
            now,
          );
      }
    });
  }
}

/**
 * Snapshots that stand in a copy and not in the ledger, which was lost, or restic made them. Every
 * copy gets them; the ledger has no proof of what they hold.
 */
async function adoptSnapshots(
  lanes: readonly CopyLane[],
  ledger: Ledger,
  key: MasterKey,
  now: number,
): Promise<void> {
  for (const name of namesOf(lanes, "snapshots")) {
    if (ledger.objects.find("snapshots", name)) continue;
    const file = await fetchGood(lanes, "snapshots", name);
    const json = file && openFile(key, file);
    if (json && decodeSnapshot(json)) {
      ledger.objects.add({ kind: "snapshots", name, size: file.length, sha256: name }, now);
    }
  }
}

/** All names of a kind that some copy holds. */
function namesOf(lanes: readonly CopyLane[], kind: ObjectKind): Set<string> {
  const names = new Set<string>();
  for (const lane of lanes) {
    for (const path of lane.present.keys()) {
      if (path.startsWith(`${kind}/`)) names.add(path.slice(kind.length + 1));
    }
  }
  return names;
}

async function adoptPacks(
  lanes: readonly CopyLane[],
  index: VaultIndex,
  key: MasterKey,
): Promise<{ contents: PackContents; size: number }[]> {
  const orphans = new Map<string, { contents: PackContents; size: number }>();
  for (const lane of lanes) {
    for (const path of lane.present.keys()) {
      const name = path.startsWith("data/") ? path.slice(5) : undefined;
      if (name === undefined || index.has(name) || orphans.has(name)) continue;
      const bytes = await fetchGood([lane], "data", name);
      const part = bytes && headerPart(bytes.subarray(-4), bytes.length);
      const sealed = part && bytes.subarray(part.offset, part.offset + part.length);
      const contents = sealed && decodeHeader(key, sealed, { name, size: bytes.length });
      if (contents) orphans.set(name, { contents, size: bytes.length });
    }
  }
  for (const [name, { size }] of orphans) {
    for (const lane of lanes) {
      if (lane.present.get(`data/${name}`) !== size) lane.present.delete(`data/${name}`);
    }
  }
  return [...orphans.values()];
}

/**
 * A driver that cannot rename (rclone) leaves half an object under its name where it is killed. What
 * no run saw whole in a copy, and has another size there, is still owed: it is put again. What was
 * seen whole before is damage, which drift names.
 */
function forgetHalfSent(
  lanes: readonly CopyLane[],
  ledger: Ledger,
  expected: readonly RecordedObject[],
): void {
  for (const lane of lanes) {
    const known = ledger.objects.of(lane.name);
    for (const { kind, name, size } of expected) {
      const path = `${kind}/${name}`;
      const before = known.get(path);
      const seenWhole = before !== undefined && before.bad !== "missing";
      if (!seenWhole && lane.present.get(path) !== size) lane.present.delete(path);
    }
  }
}

function recordPresence(
  lanes: readonly CopyLane[],
  ledger: Ledger,
  expected: readonly RecordedObject[],
  now: number,
): void {
  for (const lane of lanes) {
    if (lane.fault) continue;
    const known = ledger.objects.of(lane.name);
    const gone: string[] = [];
    ledger.together(() => {
      for (const { kind, name } of expected) {
        const before = known.get(`${kind}/${name}`);
        const here = lane.holds(kind, name);
        if (here && (!before || before.bad === "missing"))
          ledger.objects.seen(lane.name, kind, name, now);
        if (!here && before && before.bad !== "missing") {
          ledger.objects.bad(lane.name, kind, name, now, "missing");
          gone.push(`${kind}/${name}`);
        }
      }
      if (gone.length > 0) ledger.events.add(now, "missing", { copy: lane.name, objects: gone });
    });
  }
}
