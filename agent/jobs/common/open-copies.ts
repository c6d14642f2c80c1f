import { Fault, asFault } from "../../base/fault.ts";
import { createLocalStore } from "../../copies/local/local-store.ts";
import { judgeMarker, readMarker } from "../../copies/marker.ts";
import { copyAbsent } from "../../copies/local/errors.ts";
import type { Store } from "../../copies/store.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Copy } from "../../policy/policy.ts";
import { whereIs } from "../../policy/where.ts";
import { folderOf } from "./local-copy.ts";

/** A copy that is there, is the right one, and may be written. */
export interface ReadyCopy {
  readonly state: "ready";
  readonly copy: Copy;
  readonly store: Store;
  /** Vault that its marker names. */
  readonly vault: string;
  /** Identity of the medium. */
  readonly id: string;
}

/** A copy that cannot be used now, with the reason and the next step. */
export interface UnreadyCopy {
  readonly state: "absent" | "failed";
  readonly copy: Copy;
  readonly fault: Fault;
}

export type OpenedCopy = ReadyCopy | UnreadyCopy;

/** Looks at every copy; one copy's trouble never hides another (promise 7). */
export async function openCopies(copies: readonly Copy[], ledger: Ledger): Promise<OpenedCopy[]> {
  const vault = ledger.vault.id;
  return await Promise.all(
    copies.map((copy) => openOne(copy, vault, ledger.copies.find(copy.name)?.id)),
  );
}

async function openOne(
  copy: Copy,
  vault: string | undefined,
  id: string | undefined,
): Promise<OpenedCopy> {
  try {
    const root = folderOf(copy);
    const store = createLocalStore({ copy: copy.name, root });
    const marker = await readMarker(store, copy.name);
    const verdict = judgeMarker(marker, {
      vault: vault ?? marker?.vault ?? "",
      copy: copy.name,
      ...(id === undefined ? {} : { id }),
    });
    if (verdict === "absent" || marker === undefined) {
      const place = { copy: copy.name, path: root };
      return { state: "absent", copy, fault: id === undefined ? notMade(copy) : copyAbsent(place) };
    }
    if (verdict !== "ours")
      return { state: "failed", copy, fault: foreign(copy, verdict.foreign.differs) };
    return { state: "ready", copy, store, vault: marker.vault, id: marker.id };
  } catch (error) {
    const fault = asFault(error);
    return { state: fault.code === "copy-absent" ? "absent" : "failed", copy, fault };
  }
}

function notMade(copy: Copy): Fault {
  return new Fault("copy-absent", {
    what: {
      ja: `写し「${copy.name}」（${whereIs(copy)}）はまだ作られていません`,
      en: `Copy "${copy.name}" (${whereIs(copy)}) has not been made yet`,
    },
    next: {
      ja: "ディスクをつないで mikura init --policy 方針書 を実行してください。あるものはそのまま残ります",
      en: "Connect its disk and run: mikura init --policy FILE. What is there stays as it is",
    },
  });
}

function foreign(copy: Copy, differs: "vault" | "copy" | "id"): Fault {
  const why = {
    vault: { ja: "別の蔵のもの", en: "belongs to another vault" },
    copy: { ja: "別の名前の写し", en: "is a copy of another name" },
    id: { ja: "登録したものとは別のディスク", en: "is not the disk that was registered" },
  }[differs];
  return new Fault("copy-foreign", {
    what: {
      ja: `写し「${copy.name}」の場所 ${whereIs(copy)} にあるのは${why.ja}です。何も書きませんでした`,
      en: `What lies at ${whereIs(copy)} for copy "${copy.name}" ${why.en}; nothing was written`,
    },
    next: {
      ja: "正しいディスクをつなぐか、方針書の path を直してください",
      en: "Connect the right disk, or correct its path in the policy",
    },
  });
}
