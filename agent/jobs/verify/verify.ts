import type { Progress } from "../../base/progress.ts";
import { unknownCopy } from "../common/open-source.ts";
import type { Workplace } from "../common/workplace.ts";
import type { CopyVerified, Held } from "./read-back.ts";
import { ReadingThreads } from "./reading-threads.ts";
import { StructureCheck } from "./structure.ts";
import { verifyCopy } from "./verify-copy.ts";
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
  await using threads = new ReadingThreads(around.signal);
  const copies = ours ? await verifyOurs(place, wish, threads) : [];
  for (const copy of foreign) copies.push(await verifyForeign(place, copy, threads));
  return { copies, seconds: (around.clock.now() - started) / 1000 };
}

/** All at once: while one copy's trees are looked at, the threads read the next. */
async function verifyOurs(
  place: Workplace,
  { copy: name, all }: VerifyWish,
  threads: ReadingThreads,
): Promise<CopyVerified[]> {
  const { progress, signal } = place.around;
  const opened = (await place.copies()).filter(
    ({ copy }) => name === undefined || copy.name === name,
  );
  const { key } = await place.unlock(opened);
  progress.phase("verify", name);
  const run = {
    place,
    threads,
    structure: new StructureCheck(key, signal),
    all,
    expect: adding(progress),
  };
  return await Promise.all(opened.map((copy) => verifyCopy(run, copy)));
}

/** Tells what the whole will come to, copy by copy. */
function adding(progress: Progress): (objects: readonly Held[]) => void {
  let files = 0;
  let bytes = 0;
  return (objects) => {
    files += objects.length;
    for (const { size } of objects) bytes += size;
    progress.expect(files, bytes);
  };
}
