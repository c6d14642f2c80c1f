import { Fault, asFault } from "../../base/fault.ts";
import { newMarker, writeMarker } from "../../copies/marker.ts";
import { readmeNotes } from "../../copies/readme.ts";
import { CONFIG, type Store } from "../../copies/store.ts";
import type { Copy } from "../../policy/policy.ts";
import { whereIs } from "../../policy/where.ts";
import { type OpenedCopy, type ReadyCopy } from "../common/open-copies.ts";
import { type Workplace, readyOf } from "../common/workplace.ts";
import { adoptVault } from "./adopt.ts";
import { makeVault, newRecoveryKey } from "./new-vault.ts";

export interface InitResult {
  /** True where the vault was made now. */
  readonly made: boolean;
  /** To be shown once and never stored; undefined where somebody has one already. */
  readonly recoveryCode: string | undefined;
  readonly copies: readonly InitCopy[];
}

export interface InitCopy {
  readonly copy: Copy;
  readonly state: "made" | "ready" | "absent" | "failed";
  readonly fault?: Fault;
}

/**
 * Makes what a policy still lacks: the agent key, the vault, each copy's folders. What is there
 * stays as it is, so it may be run again at any time, also after a kill in the middle.
 */
export async function init(place: Workplace): Promise<InitResult> {
  const { ledger, policy } = place;
  let copies = await place.copies();
  const made = ledger.vault.id === undefined && readyOf(copies).length === 0;
  if (made) await makeVault(place);
  else if (ledger.vault.id === undefined) await adoptVault(place, copies);

  const results: InitCopy[] = [];
  for (const opened of await place.copies()) results.push(await initCopy(place, opened));
  copies = await place.copies();
  // Opening with the key file proves that it belongs to this vault before anybody relies on it.
  const { key } = await place.unlock(copies);
  const recoveryCode = ledger.vault.codeShown ? undefined : await newRecoveryKey(place, key);
  if (recoveryCode !== undefined) {
    for (const { store } of readyOf(copies)) await plant(store, place);
  }
  if (policy.copies.length > 0 && results.every(({ state }) => state === "failed"))
    throw results[0]!.fault!;
  return { made, recoveryCode, copies: results };
}

async function initCopy(place: Workplace, opened: OpenedCopy): Promise<InitCopy> {
  const { copy } = opened;
  if (opened.state === "ready") {
    registerReady(place, opened);
    return { copy, state: "ready" };
  }
  // A known copy that is not there is away: making it anew would fill an empty mount point.
  const known = place.ledger.copies.find(copy.name) !== undefined;
  // A REST server answers for a repository that is not made yet as for a place that is not there.
  if (known || opened.state === "failed") return { copy, state: opened.state, fault: opened.fault };
  try {
    await makeCopy(place, copy);
    return { copy, state: "made" };
  } catch (error) {
    return { copy, state: "failed", fault: asFault(error) };
  }
}

function registerReady({ ledger, around }: Workplace, { copy, id }: ReadyCopy): void {
  const now = around.clock.now();
  ledger.copies.add(copy.name, id, now);
}

async function makeCopy(place: Workplace, copy: Copy): Promise<void> {
  const { ledger, around } = place;
  const { store, prepare } = await place.driver(copy);
  await prepare();
  await refuseForeign(place, store, copy);
  await plant(store, place);
  for (const { name, bytes } of readmeNotes()) await store.writeNote(name, bytes);
  const marker = newMarker({ vault: ledger.vault.id!, copy: copy.name, clock: around.clock });
  // The marker comes last: a copy that has one is whole.
  await writeMarker(store, marker);
  ledger.copies.add(copy.name, marker.id, around.clock.now());
}

/** Writes the key files, then `config`, where they are missing. */
async function plant(store: Store, { ledger }: Workplace): Promise<void> {
  for (const { kind, name, bytes } of ledger.vault.seeds()) await store.put({ kind, name }, bytes);
  await store.sync();
}

/** A repository that is not ours must not be written into, nor be taken for an empty place. */
async function refuseForeign({ ledger }: Workplace, store: Store, copy: Copy): Promise<void> {
  const ours = new Map(ledger.vault.seeds().map(({ name, bytes }) => [name, bytes]));
  const config = await store.get(CONFIG);
  let foreign = config !== undefined && !ours.get("config")?.equals(config);
  for (const kind of ["keys", "snapshots", "index", "data"] as const) {
    for await (const { name } of store.list(kind)) foreign ||= !ours.has(name);
  }
  if (!foreign) return;
  throw new Fault("vault-exists", {
    exit: 2,
    what: {
      ja: `写し「${copy.name}」の場所 ${whereIs(copy)} には、すでに別のバックアップがあります。何も書きませんでした`,
      en: `There is another backup already at ${whereIs(copy)}, the place of copy "${copy.name}"; nothing was written`,
    },
    next: {
      ja: "空の置き場所を方針書に書いてください",
      en: "Give an empty place in the policy",
    },
  });
}
