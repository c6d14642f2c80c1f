import { type Fault, asFault } from "../../base/fault.ts";
import { CONFIG, type Store } from "../../copies/store.ts";
import type { ForeignCopy } from "../../policy/policy.ts";
import { openConfig } from "../../vault/config-file.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { openForeign } from "../common/open-source.ts";
import type { Workplace } from "../common/workplace.ts";
import type { Hashers } from "./hashers.ts";
import { type BadObject, type CopyVerified, badOf, listHeld, readBack } from "./read-back.ts";
import { checkStructure, packsOf } from "./structure.ts";

/**
 * Reads a repository that restic keeps back to the last byte and checks that it is whole in itself.
 * The ledger knows nothing of it and nothing of it is recorded; it is never written, locks included.
 */
export async function verifyForeign(
  { around }: Workplace,
  copy: ForeignCopy,
  hashers: Hashers,
): Promise<CopyVerified> {
  const { name } = copy;
  const bad: BadObject[] = [];
  let objectsRead = 0;
  let bytesRead = 0;
  let total = 0;
  let fault: Fault | undefined;
  try {
    const { store, key } = await openForeign(copy);
    const held = await listHeld(store);
    total = held.reduce((sum, { size }) => sum + size, 0);
    around.progress.phase("verify", name);
    around.progress.expect(held.length, total);
    await readBack({
      store,
      objects: held,
      hashers,
      configSha256: undefined, // no name, no ledger: its own seal proves it below
      progress: around.progress,
      signal: around.signal,
      onRead: (object, reading) => {
        objectsRead++;
        bytesRead += object.size;
        if (reading !== "good") bad.push(badOf(object, reading));
      },
    });
    bad.push(...(await badConfig(store, key)));
    if (bad.length === 0)
      bad.push(...(await checkStructure(store, name, key, packsOf(held), around.signal)));
  } catch (error) {
    around.signal.throwIfAborted();
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
  if (!sealed) return [badOf({ ...CONFIG, size: 0 }, "missing")];
  try {
    openConfig(key, sealed);
    return [];
  } catch (error) {
    return [{ object: "config", kind: "damaged", cause: asFault(error).what }];
  }
}
