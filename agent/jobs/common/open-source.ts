import { readFile } from "node:fs/promises";
import { Fault, errnoOf } from "../../base/fault.ts";
import { createLocalStore } from "../../copies/local/local-store.ts";
import type { Store } from "../../copies/store.ts";
import type { ForeignCopy } from "../../policy/policy.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { readAgentKey, unlockKey } from "./unlock.ts";
import { VaultReader } from "./vault-reader.ts";
import type { Workplace } from "./workplace.ts";

/** Opens one copy of the policy for reading: one of ours, or a repository that restic made. */
export async function openSource(place: Workplace, name: string): Promise<VaultReader> {
  const { policy } = place;
  const foreign = policy.foreign.find((copy) => copy.name === name);
  if (foreign) {
    const { store, key } = await openForeign(foreign);
    return await VaultReader.open(store, name, key);
  }
  const copy = policy.copies.find((one) => one.name === name);
  if (!copy) throw unknownCopy([...policy.copies, ...policy.foreign], name);
  const [opened] = await place.copies([copy]);
  if (opened?.state !== "ready") throw opened!.fault;
  const key = await unlockKey([opened.store], await readAgentKey(policy.keyFile));
  return await VaultReader.open(opened.store, name, key);
}

/** Opens a repository of restic with its password. Throws Fault("key-missing") or "key-wrong". */
export async function openForeign({
  name,
  path,
  passwordFile,
}: ForeignCopy): Promise<{ store: Store; key: MasterKey }> {
  const store = createLocalStore({ copy: name, root: path });
  const password = await readPassword(passwordFile);
  return { store, key: await unlockKey([store], password) };
}

async function readPassword(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/[\r\n]+$/, "");
  } catch (cause) {
    throw new Fault("key-missing", {
      exit: errnoOf(cause) === "ENOENT" ? 2 : 1,
      what: {
        ja: `合言葉のファイル ${path} がない、または読めません`,
        en: `The password file ${path} is missing or cannot be read`,
      },
      next: {
        ja: "方針書の password-file に、その restic の合言葉が入ったファイルを書いてください",
        en: "Name the file with that repository's password as password-file in the policy",
      },
      cause,
    });
  }
}

/** @param known copies that may be named here */
export function unknownCopy(known: readonly { readonly name: string }[], name: string): Fault {
  const names = known.map((copy) => copy.name).join(", ");
  return new Fault("usage", {
    exit: 2,
    what: {
      ja: `方針書に写し「${name}」はありません`,
      en: `The policy has no copy "${name}"`,
    },
    next: { ja: `次のどれかを指定してください：${names}`, en: `Name one of these: ${names}` },
  });
}
