import { Fault, asFault } from "../../base/fault.ts";
import { judgeMarker, readMarker } from "../../copies/marker.ts";
import { copyAbsent } from "../../copies/local/errors.ts";
import type { Store } from "../../copies/store.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Copy } from "../../policy/policy.ts";
import { whereIs } from "../../policy/where.ts";
import type { Driver } from "./drivers/driver.ts";

/** A copy that is there, is the right one, and may be written. */
export interface ReadyCopy {
  readonly state: "ready";
  readonly copy: Copy;
  readonly store: Store;
  readonly driver: Driver;
  /** Vault that its marker names. */
  readonly vault: string;
  /** Identity of the medium. */
  readonly id: string;
}

/** A copy that cannot be used now, with the reason and the next step. */
export interface UnreadyCopy {
  readonly state: "absent" | "failed";
  readonly copy: Copy;
  /** Undefined where not even that could be opened. */
  readonly driver: Driver | undefined;
  readonly fault: Fault;
}

export type OpenedCopy = ReadyCopy | UnreadyCopy;

/** Looks at every copy; one copy's trouble never hides another (promise 7). */
export async function openCopies(
  copies: readonly Copy[],
  ledger: Ledger,
  driverOf: (copy: Copy) => Promise<Driver>,
): Promise<OpenedCopy[]> {
  return await Promise.all(copies.map((copy) => openOne(copy, ledger, driverOf)));
}

async function openOne(
  copy: Copy,
  ledger: Ledger,
  driverOf: (copy: Copy) => Promise<Driver>,
): Promise<OpenedCopy> {
  // Outside of what is the copy's own trouble: a broken ledger is no fault of the copy.
  const vault = ledger.vault.id;
  const known = ledger.copies.find(copy.name)?.id;
  let driver: Driver | undefined;
  try {
    driver = await driverOf(copy);
    const { store } = driver;
    const marker = await readMarker(store, copy.name);
    const verdict = judgeMarker(marker, {
      vault: vault ?? marker?.vault ?? "",
      copy: copy.name,
      ...(known === undefined ? {} : { id: known }),
    });
    if (verdict === "absent" || marker === undefined) {
      const fault = known === undefined ? notMade(copy) : gone(copy);
      return { state: "absent", copy, driver, fault };
    }
    if (verdict !== "ours")
      return { state: "failed", copy, driver, fault: foreign(copy, verdict.foreign.differs) };
    return { state: "ready", copy, store, driver, vault: marker.vault, id: marker.id };
  } catch (error) {
    const fault = asFault(error);
    const state = fault.code === "copy-absent" ? "absent" : "failed";
    return { state, copy, driver, fault };
  }
}

/** A known copy whose marker is not there. */
function gone(copy: Copy): Fault {
  if (copy.type === "local") return copyAbsent({ copy: copy.name, path: whereIs(copy) });
  return new Fault("copy-absent", {
    what: {
      ja: `写し「${copy.name}」の目印が ${whereIs(copy)} にありません。置き場所が空か、別の場所を見ています`,
      en: `The marker of copy "${copy.name}" is not at ${whereIs(copy)}: the place is empty, or is another one`,
    },
    next: {
      ja: "方針書のアドレスが変わっていないか、サービスの中のものが消されていないかを確かめてください。何も書きませんでした",
      en: "Check that the address in the policy is the one it was, and that nobody has removed what was there. Nothing was written",
    },
  });
}

function notMade(copy: Copy): Fault {
  return new Fault("copy-absent", {
    what: {
      ja: `写し「${copy.name}」（${whereIs(copy)}）はまだ作られていません`,
      en: `Copy "${copy.name}" (${whereIs(copy)}) has not been made yet`,
    },
    next:
      copy.type === "local"
        ? {
            ja: "ディスクをつないで mikura init --policy 方針書 を実行してください。あるものはそのまま残ります",
            en: "Connect its disk and run: mikura init --policy FILE. What is there stays as it is",
          }
        : {
            ja: "mikura init --policy 方針書 を実行してください。あるものはそのまま残ります",
            en: "Run: mikura init --policy FILE. What is there stays as it is",
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
      ja: "正しいディスクをつなぐか、方針書に書いた置き場所を直してください",
      en: "Connect the right disk, or correct the place in the policy",
    },
  });
}
