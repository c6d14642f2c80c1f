import { type Fault, asFault } from "../../base/fault.ts";
import { heldBefore } from "../common/held.ts";
import type { OpenedCopy } from "../common/open-copies.ts";
import type { Workplace } from "../common/workplace.ts";
import {
  type BadObject,
  type CopyVerified,
  type Held,
  badOf,
  listHeld,
  readBack,
} from "./read-back.ts";
import type { Reading } from "./reading-messages.ts";
import type { ReadingThreads } from "./reading-threads.ts";
import type { ReadCopy, StructureCheck } from "./structure.ts";

/** What the copies of one run have in common. */
export interface VerifyRun {
  readonly place: Workplace;
  readonly threads: ReadingThreads;
  readonly structure: StructureCheck;
  /** True: every byte. False: the share that is due, oldest proof first. */
  readonly all: boolean;
  /** Told what will be read. */
  readonly expect: (objects: readonly Held[]) => void;
}

/** Reads one of our copies back and checks that it is whole; what is found goes into the ledger. */
export async function verifyCopy(run: VerifyRun, opened: OpenedCopy): Promise<CopyVerified> {
  const { place, threads, all } = run;
  const { name } = opened.copy;
  if (opened.state !== "ready") {
    const nothing = { name, objectsRead: 0, bytesRead: 0, bad: [] };
    const absent = opened.state === "absent";
    return { ...nothing, verifiedShare: shareOf(place, name), fault: opened.fault, absent };
  }
  const { around, ledger } = place;
  const { store } = opened;
  const bad: BadObject[] = [];
  let objectsRead = 0;
  let bytesRead = 0;
  let fault: Fault | undefined;
  try {
    const held = await listHeld(store, name, heldBefore(ledger, name));
    bad.push(...missingSeeds(place, held));
    const objects = all ? held : dueNow(place, name, held);
    run.expect(objects);
    const readings: [Held, Reading][] = [];
    const configSha256 = ledger.objects.find("config", "config")?.sha256;
    await readBack(
      threads,
      { copy: name, store, folder: opened.driver.folder },
      objects,
      configSha256,
      (object, reading) => {
        readings.push([object, reading]);
        objectsRead++;
        bytesRead += object.size;
        around.progress.advance(1, object.size);
      },
    );
    for (const [object, reading] of readings)
      if (reading !== "good") bad.push(badOf(object, reading));
    record(place, name, readings);
    const proved = objects.length === held.length;
    if (bad.length === 0) bad.push(...(await structureOf(run, { name, store, held, proved })));
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

async function structureOf({ place, structure }: VerifyRun, copy: ReadCopy): Promise<BadObject[]> {
  const bad = await structure.badIn(copy);
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
    .map((seed) => badOf(seed, "missing"));
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
