import { type Fault, asFault } from "../../base/fault.ts";
import { CONFIG, type Store } from "../../copies/store.ts";
import type { ForeignCopy } from "../../policy/policy.ts";
import { openConfig } from "../../vault/config-file.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { openForeign } from "../common/open-source.ts";
import type { Workplace } from "../common/workplace.ts";
import { type BadObject, type CopyVerified, badOf, listHeld, readBack } from "./read-back.ts";
import type { ReadingThreads } from "./reading-threads.ts";
import { StructureCheck } from "./structure.ts";

/**
 * Reads a repository that restic keeps back to the last byte and checks that it is whole in itself.
 * The ledger knows nothing of it and nothing of it is recorded; it is never written, locks included.
 */
export async function verifyForeign(
  { around }: Workplace,
  copy: ForeignCopy,
  threads: ReadingThreads,
): Promise<CopyVerified> {
  const { name, path } = copy;
  const { progress, signal } = around;
  const bad: BadObject[] = [];
  let objectsRead = 0;
  let bytesRead = 0;
  let total = 0;
  let fault: Fault | undefined;
  try {
    const { store, key } = await openForeign(copy);
    const held = await listHeld(store, name);
    total = held.reduce((sum, { size }) => sum + size, 0);
    progress.phase("verify", name);
    progress.expect(held.length, total);
    // Config has no name and no ledger: its own seal proves it below.
    const source = { copy: name, store, folder: path };
    await readBack(threads, source, held, undefined, (object, reading) => {
      objectsRead++;
      bytesRead += object.size;
      if (reading !== "good") bad.push(badOf(object, reading));
      progress.advance(1, object.size);
    });
    bad.push(...(await badConfig(store, key)));
    if (bad.length === 0) {
      const structure = new StructureCheck(key, signal);
      bad.push(...(await structure.badIn({ name, store, held, proved: true })));
    }
  } catch (error) {
    signal.throwIfAborted();
    fault = asFault(error);
  }
  const share = bad.length > 0 || fault || total === 0 ? 0 : 1;
  return {
    name,
    objectsRead,
    bytesRead,
    verifiedShare: share,
    bad,
    ...(fault ? { fault } : {}),
    absent: fault?.code === "copy-absent",
  };
}

async function badConfig(store: Store, key: MasterKey): Promise<BadObject[]> {
  const sealed = await store.get(CONFIG);
  if (!sealed) return [badOf(CONFIG, "missing")];
  try {
    openConfig(key, sealed);
    return [];
  } catch (error) {
    return [{ object: "config", kind: "damaged", cause: asFault(error).what }];
  }
}
