import { readFile, stat } from "node:fs/promises";
import { Fault, asFault, errnoOf } from "../../base/fault.ts";
import { CONFIG, type Store } from "../../copies/store.ts";
import { parseAgentKey } from "../../vault/agent-key.ts";
import { type VaultConfig, openConfig } from "../../vault/config-file.ts";
import { idOf } from "../../vault/ids.ts";
import { unlockKeyFile } from "../../vault/key-file.ts";
import type { MasterKey } from "../../vault/master-key.ts";

export interface Unlocked {
  readonly key: MasterKey;
  readonly config: VaultConfig;
}

/** The agent key from its file. Whoever can read it can read all the data: others must not. */
export async function readAgentKey(path: string): Promise<string> {
  let text: string;
  let mode: number;
  try {
    [text, mode] = [await readFile(path, "utf8"), (await stat(path)).mode];
  } catch (cause) {
    throw new Fault("key-missing", {
      exit: errnoOf(cause) === "ENOENT" ? 2 : 1,
      what: {
        ja: `鍵ファイル ${path} がない、または読めません`,
        en: `The key file ${path} is missing or cannot be read`,
      },
      next: {
        ja: "初めての場合は mikura init を実行します。失くした場合は、復旧コードで復元できます（写しの中の「はじめに読む.txt」）",
        en: "If this is new, run mikura init. If it is lost, the recovery code restores (READ-ME-FIRST.txt in each copy)",
      },
      cause,
    });
  }
  if ((mode & 0o077) !== 0) {
    throw new Fault("key-unsafe", {
      exit: 2,
      what: {
        ja: `鍵ファイル ${path} をほかの利用者が読めます`,
        en: `The key file ${path} can be read by other users`,
      },
      next: { ja: `chmod 600 ${path} を実行してください`, en: `Run: chmod 600 ${path}` },
    });
  }
  const key = parseAgentKey(text);
  if (key !== undefined) return key;
  throw new Fault("key-wrong", {
    exit: 2,
    what: {
      ja: `鍵ファイル ${path} の中身が鍵ではありません`,
      en: `The key file ${path} does not hold a key`,
    },
    next: {
      ja: "控えておいた鍵ファイルに戻すか、復旧コードで復元してください",
      en: "Put the saved key file back, or restore with the recovery code",
    },
  });
}

/**
 * Opens the vault with a password, from the first store whose key file and config are good.
 * Throws Fault("key-wrong") where the password fits no key, or the fault of what is damaged.
 */
export async function unlockVault(stores: readonly Store[], password: string): Promise<Unlocked> {
  return await fromAny(stores, async (store) => {
    const key = await keyIn(store, password);
    const config = await store.get(CONFIG);
    if (!config) throw noConfig();
    return { key, config: openConfig(key, config) };
  });
}

/** The same without `config`, which nobody needs who only reads: a copy whose config is bad still restores. */
export async function unlockKey(stores: readonly Store[], password: string): Promise<MasterKey> {
  return await fromAny(stores, (store) => keyIn(store, password));
}

/** What the first store gives that can; else the most telling of their faults. */
async function fromAny<T>(
  stores: readonly Store[],
  open: (store: Store) => Promise<T>,
): Promise<T> {
  const faults: Fault[] = [];
  for (const store of stores) {
    try {
      return await open(store);
    } catch (error) {
      faults.push(asFault(error));
    }
  }
  // Damage elsewhere does not make a key right that fits none of the good key files.
  throw faults.find(({ code }) => code === "key-wrong") ?? faults[0] ?? wrongKey();
}

/** Key files cost little (the agent's) or half a second (a person's): the cheap ones are tried first. */
async function keyIn(store: Store, password: string): Promise<MasterKey> {
  const files: { bytes: Buffer; work: number }[] = [];
  let damage: Fault | undefined;
  for await (const { name } of store.list("keys")) {
    const bytes = await store.get({ kind: "keys", name });
    if (bytes && idOf(bytes) === name) files.push({ bytes, work: workOf(bytes) });
    else damage ??= keyDamaged(name);
  }
  for (const { bytes } of files.sort((a, b) => a.work - b.work)) {
    try {
      const key = await unlockKeyFile(bytes, password);
      if (key) return key;
    } catch (error) {
      damage ??= asFault(error);
    }
  }
  throw damage ?? wrongKey();
}

function workOf(bytes: Buffer): number {
  const cost = /"N":(\d+)/.exec(bytes.toString("utf8"));
  return Number(cost?.[1] ?? Number.MAX_SAFE_INTEGER);
}

function keyDamaged(name: string): Fault {
  return new Fault("key-damaged", {
    exit: 4,
    what: {
      ja: `蔵の鍵 keys/${name} が壊れています。ほかに、この鍵ファイルで開く鍵はありません`,
      en: `The vault's key keys/${name} is damaged, and the key file opens no other one`,
    },
    next: {
      ja: "--copy で別の写しを選ぶか、復旧コードで復元してください。mikura verify --all が、壊れたものの名前をすべて挙げます",
      en: "Choose another copy with --copy, or restore with the recovery code. mikura verify --all names all that is damaged",
    },
  });
}

function noConfig(): Fault {
  return new Fault("object-missing", {
    exit: 4,
    what: {
      ja: "写しに、蔵の設定ファイル config がありません",
      en: 'The vault\'s file "config" is missing in the copy',
    },
    next: {
      ja: "mikura backup を実行すると、別の写しから戻ります",
      en: "mikura backup brings it back from another copy",
    },
  });
}

function wrongKey(): Fault {
  return new Fault("key-wrong", {
    exit: 2,
    what: {
      ja: "この鍵では蔵を開けません",
      en: "This key does not open the vault",
    },
    next: {
      ja: "方針書の key-file が、この蔵を作ったときの鍵ファイルを指しているか確かめてください",
      en: "Check that key-file in the policy is the key file that was made with this vault",
    },
  });
}
