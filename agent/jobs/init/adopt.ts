import { Fault } from "../../base/fault.ts";
import { CONFIG } from "../../copies/store.ts";
import { idOf } from "../../vault/ids.ts";
import type { OpenedCopy } from "../common/open-copies.ts";
import { type Workplace, readyOf } from "../common/workplace.ts";

/**
 * Takes a vault into an empty ledger (the state folder was lost, or the computer is new): the
 * copies' markers say which vault it is, and the agent key must open it.
 */
export async function adoptVault(place: Workplace, copies: readonly OpenedCopy[]): Promise<void> {
  const { ledger, around } = place;
  const ready = readyOf(copies);
  const vaults = new Set(ready.map(({ vault }) => vault));
  if (vaults.size > 1) throw twoVaults();
  const { config } = await place.unlock(copies);
  const { store } = ready[0]!;
  const now = around.clock.now();
  const sealed = (await store.get(CONFIG))!;
  const keys: { name: string; bytes: Buffer }[] = [];
  for await (const { name } of store.list("keys")) {
    const bytes = await store.get({ kind: "keys", name });
    if (bytes && idOf(bytes) === name) keys.push({ name, bytes });
  }
  ledger.together(() => {
    ledger.vault.name(config.id, now);
    ledger.vault.addSeed({ kind: "config", name: "config", bytes: sealed });
    ledger.objects.add(
      { kind: "config", name: "config", size: sealed.length, sha256: idOf(sealed) },
      now,
    );
    for (const { name, bytes } of keys) {
      ledger.vault.addSeed({ kind: "keys", name, bytes });
      ledger.objects.add({ kind: "keys", name, size: bytes.length, sha256: name }, now);
    }
    // Whoever made this vault was shown its recovery code then.
    ledger.vault.markCodeShown(now);
  });
}

function twoVaults(): Fault {
  return new Fault("copy-foreign", {
    exit: 2,
    what: {
      ja: "写しの場所に、別々の蔵が入っています",
      en: "The places of the copies hold different vaults",
    },
    next: {
      ja: "この方針書の写しだけをつないで、もう一度実行してください",
      en: "Connect only the copies of this policy, then run this again",
    },
  });
}
