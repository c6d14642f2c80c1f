import { type Fault, asFault } from "../../base/fault.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import type { OpenedCopy, ReadyCopy } from "../common/open-copies.ts";
import { unknownCopy } from "../common/open-source.ts";
import type { Workplace } from "../common/workplace.ts";
import { Hashers } from "./hashers.ts";
import {
  type BadObject,
  type CopyVerified,
  type Held,
  type Reading,
  badOf,
  listHeld,
  readBack,
} from "./read-back.ts";
import { checkStructure, packsOf } from "./structure.ts";
import { verifyForeign } from "./verify-foreign.ts";

export type { BadObject, CopyVerified } from "./read-back.ts";
export { type Drift, type DriftKind, findDrift } from "./drift.ts";

export interface VerifyWish {
  /** One copy; undefined: all. */
  readonly copy: string | undefined;
  /** True: every byte. False: the share that is due, oldest proof first. */
  readonly all: boolean;
}

export interface VerifyResult {
  readonly copies: readonly CopyVerified[];
  readonly seconds: number;
}

/** Reads objects of each copy back, hashes them, and checks that each copy is whole in itself. */
export async function verify(place: Workplace, wish: VerifyWish): Promise<VerifyResult> {
  const { policy, around } = place;
  const started = around.clock.now();
  const named = ({ name }: { name: string }): boolean =>
    wish.copy === undefined || name === wish.copy;
  const ours = policy.copies.some(named);
  // What restic keeps has no ledger that would know which share is due: all of it or nothing.
  const foreign = wish.all || wish.copy !== undefined ? policy.foreign.filter(named) : [];
  if (!ours && foreign.length === 0) {
    throw unknownCopy([...policy.copies, ...policy.foreign], wish.copy!);
  }
  await using hashers = new Hashers();
  const copies: CopyVerified[] = [];
  if (ours) {
    const opened = (await place.copies()).filter(({ copy }) => named(copy));
    const { key } = await place.unlock(opened);
    for (const copy of opened) copies.push(await verifyCopy(place, copy, key, hashers, wish.all));
  }
  for (const copy of foreign) copies.push(await verifyForeign(place, copy, hashers));
  return { copies, seconds: (around.clock.now() - started) / 1000 };
}

async function verifyCopy(
  place: Workplace,
  opened: OpenedCopy,
  key: MasterKey,
  hashers: Hashers,
  all: boolean,
): Promise<CopyVerified> {
  const { name } = opened.copy;
  if (opened.state !== "ready") {
    const nothing = {
      name,
      objectsRead: 0,
      bytesRead: 0,
      verifiedShare: shareOf(place, name),
      bad: [],
    };
    return { ...nothing, fault: opened.fault, absent: opened.state === "absent" };
  }
  const { around } = place;
  const bad: BadObject[] = [];
  let objectsRead = 0;
  let bytesRead = 0;
  let fault: Fault | undefined;
  try {
    const held = await listHeld(opened.store);
    bad.push(...missingSeeds(place, held));
    const objects = all ? held : dueNow(place, name, held);
    around.progress.phase("verify", name);
    around.progress.expect(
      objects.length,
      objects.reduce((sum, { size }) => sum + size, 0),
    );
    const readings: [Held, Reading][] = [];
    await readBack({
      store: opened.store,
      objects,
      hashers,
      configSha256: place.ledger.objects.find("config", "config")?.sha256,
      progress: around.progress,
      signal: around.signal,
      onRead: (object, reading) => {
        readings.push([object, reading]);
        objectsRead++;
        bytesRead += object.size;
      },
    });
    for (const [object, reading] of readings)
      if (reading !== "good") bad.push(badOf(object, reading));
    record(place, name, readings);
    if (bad.length === 0) bad.push(...(await structureOf(place, opened, key, held)));
  } catch (error) {
    around.signal.throwIfAborted();
    fault = asFault(error);
  }
  const verifiedShare = shareOf(place, name);
  return {
    name,
    objectsRead,
    bytesRead,
    verifiedShare,
    bad,
    ...(fault ? { fault } : {}),
    absent: false,
  };
}

async function structureOf(
  place: Workplace,
  { store, copy }: ReadyCopy,
  key: MasterKey,
  held: readonly Held[],
): Promise<BadObject[]> {
  const bad = await checkStructure(store, copy.name, key, packsOf(held), place.around.signal);
  const now = place.around.clock.now();
  place.ledger.together(() => {
    for (const { object, kind } of bad) {
      const [group, name] = object.split("/") as [string, string];
      if (place.ledger.objects.find(group, name))
        place.ledger.objects.bad(copy.name, group, name, now, kind);
    }
  });
  return bad;
}

/** Config and key files have no index that would miss them: the ledger does. */
function missingSeeds({ ledger }: Workplace, held: readonly Held[]): BadObject[] {
  const here = new Set(held.map(({ kind, name }) => `${kind}/${name}`));
  return ledger.vault
    .seeds()
    .filter(({ kind, name }) => !here.has(`${kind}/${name}`))
    .map(({ kind, name }) => badOf({ kind, name, size: 0 }, "missing"));
}

function record(place: Workplace, copy: string, readings: readonly [Held, Reading][]): void {
  const { objects } = place.ledger;
  const now = place.around.clock.now();
  place.ledger.together(() => {
    for (const [{ kind, name }, reading] of readings) {
      if (reading === "good") objects.verified(copy, kind, name, now);
      else objects.bad(copy, kind, name, now, reading === "missing" ? "missing" : "damaged");
    }
  });
}

const DAY_S = 86_400;

/** A day's part of the full pass: what was never read first, then the oldest proof. */
function dueNow({ ledger, policy }: Workplace, copy: string, held: readonly Held[]): Held[] {
  const known = ledger.objects.of(copy);
  const provedAt = ({ kind, name }: Held): number => known.get(`${kind}/${name}`)?.verifiedAt ?? 0;
  const total = held.reduce((sum, { size }) => sum + size, 0);
  const budget = (total * DAY_S) / policy.verify.fullPassS;
  const due: Held[] = [];
  let bytes = 0;
  for (const object of held.toSorted((a, b) => provedAt(a) - provedAt(b))) {
    if (bytes >= budget) break;
    due.push(object);
    bytes += object.size;
  }
  return due;
}

function shareOf({ ledger, policy, around }: Workplace, copy: string): number {
  const since = around.clock.now() - policy.verify.fullPassS * 1000;
  return ledger.objects.verifiedShare(copy, since);
}
