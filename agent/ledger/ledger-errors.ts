import { join } from "node:path";
import { Fault, reasonOf } from "../base/fault.ts";

/** SQLITE_CORRUPT and SQLITE_NOTADB: the file is there and is no sound database. */
const DAMAGED = new Set([11, 26]);

/** What a failed ledger means for the user; undefined for an error that is not the database's. */
export function ledgerFault(cause: unknown, stateFolder: string): Fault | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code, errcode } = cause as { code?: string; errcode?: number };
  if (code !== "ERR_SQLITE_ERROR") return undefined;
  if (!DAMAGED.has(errcode ?? 0)) return stateFault(cause, stateFolder);
  return new Fault("state-damaged", {
    what: {
      ja: `台帳が壊れています：${stateFolder}（${cause.message}）`,
      en: `The ledger is damaged: ${stateFolder} (${cause.message})`,
    },
    next: {
      ja: `写しのデータは無事です。${join(stateFolder, "ledger.db")} と run.lock を別の場所へ移し、mikura init --policy 方針書 を実行すると、写しから作り直します`,
      en: `The copies are not affected. Move ${join(stateFolder, "ledger.db")} and run.lock elsewhere, then run mikura init --policy FILE: it makes the ledger anew from the copies`,
    },
    cause,
  });
}

/** The state folder cannot be used: no space, no permission, no folder. */
export function stateFault(cause: unknown, stateFolder: string): Fault {
  return new Fault("state-damaged", {
    what: {
      ja: `台帳を開けません：${stateFolder}（${reasonOf(cause)}）`,
      en: `The ledger cannot be opened: ${stateFolder} (${reasonOf(cause)})`,
    },
    next: {
      ja: "フォルダーの空き容量と権限を確かめてください。写しのデータには影響ありません",
      en: "Check the free space and the permissions of the folder. The copies are not affected",
    },
    cause,
  });
}
