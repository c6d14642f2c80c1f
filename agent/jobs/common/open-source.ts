import { readFile } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import { createLocalStore } from "../../copies/local-store.ts";
import { openCopies } from "./open-copies.ts";
import { readAgentKey, unlockVault } from "./unlock.ts";
import { VaultReader } from "./vault-reader.ts";
import type { Workplace } from "./workplace.ts";

/** Opens one copy of the policy for reading: one of ours, or a repository that restic made. */
export async function openSource(place: Workplace, name: string): Promise<VaultReader> {
  const { policy } = place;
  const foreign = policy.foreign.find((copy) => copy.name === name);
  if (foreign) {
    const store = createLocalStore({ copy: name, root: foreign.path });
    const password = (await readFile(foreign.passwordFile, "utf8")).replace(/[\r\n]+$/, "");
    const { key } = await unlockVault([store], password);
    return await VaultReader.open(store, name, key);
  }
  const copy = policy.copies.find((one) => one.name === name);
  if (!copy) throw unknownCopy(place, name);
  const [opened] = await openCopies([copy], place.ledger);
  if (opened?.state !== "ready") throw opened!.fault;
  const { key } = await unlockVault([opened.store], await readAgentKey(policy.keyFile));
  return await VaultReader.open(opened.store, name, key);
}

export function unknownCopy({ policy }: Workplace, name: string): Fault {
  const names = [...policy.copies, ...policy.foreign].map((copy) => copy.name).join(", ");
  return new Fault("usage", {
    exit: 2,
    what: {
      ja: `方針書に写し「${name}」はありません`,
      en: `The policy has no copy "${name}"`,
    },
    next: { ja: `次のどれかを指定してください：${names}`, en: `Name one of these: ${names}` },
  });
}
