import { believedListing } from "../../copies/believe.ts";
import type { ListedKind, Store } from "../../copies/store.ts";
import type { Ledger } from "../../ledger/ledger.ts";

/** Names and sizes by kind. */
export type HeldByKind = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What the ledger has seen in a copy and not missed since: a listing that lacks it is doubted. */
export function heldBefore(ledger: Ledger, copy: string): HeldByKind {
  const held = new Map<string, Map<string, number>>();
  for (const { kind, name, size, bad } of ledger.objects.of(copy).values()) {
    // What is known to be bad would be asked for again in every run.
    if (bad !== undefined) continue;
    const names = held.get(kind) ?? new Map<string, number>();
    held.set(kind, names.set(name, size));
  }
  return held;
}

/** What a copy holds of one kind, by name: bytes. Throws where its listing cannot be believed. */
export async function listKind(
  store: Store,
  copy: string,
  kind: ListedKind,
  before: HeldByKind,
): Promise<Map<string, number>> {
  const expected = before.get(kind) ?? new Map<string, number>();
  return await believedListing(store, { copy, kind, expected });
}
