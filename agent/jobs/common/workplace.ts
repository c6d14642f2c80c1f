import { readFile } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { ledgerFault } from "../../ledger/ledger-errors.ts";
import { RunLock } from "../../ledger/run-lock.ts";
import { loadPolicy } from "../../policy/load.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Copy } from "../../policy/policy.ts";
import { type Driver, openDriver } from "./drivers/driver.ts";
import { type OpenedCopy, type ReadyCopy, openCopies } from "./open-copies.ts";
import type { Surroundings } from "./surroundings.ts";
import { type Unlocked, readAgentKey, unlockVault } from "./unlock.ts";

/** A policy and its ledger, opened for one command. */
export class Workplace {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly around: Surroundings;
  readonly #lock: RunLock | undefined;
  /** One a copy and run: what has been learnt of a service, and its connections, serve to the end. */
  readonly #drivers = new Map<string, Promise<Driver>>();

  private constructor(
    policy: Policy,
    ledger: Ledger,
    around: Surroundings,
    lock: RunLock | undefined,
  ) {
    this.policy = policy;
    this.ledger = ledger;
    this.around = around;
    this.#lock = lock;
  }

  /**
   * Reads the policy and opens the ledger. `alone` takes the run lock: for whatever changes copies
   * or the ledger. Throws Fault("busy") at once while another run has it.
   */
  static async open(
    file: string,
    around: Surroundings,
    options: { alone: boolean },
  ): Promise<Workplace> {
    const policy = await readPolicy(file, around);
    const lock = options.alone ? RunLock.take(policy.state) : undefined;
    if (options.alone && !lock) throw busy();
    return new Workplace(policy, Ledger.open(policy.state), around, lock);
  }

  /** Looks at the policy's copies, or at these of them. */
  async copies(copies: readonly Copy[] = this.policy.copies): Promise<OpenedCopy[]> {
    return await openCopies(copies, this.ledger, (copy) => this.driver(copy));
  }

  async driver(copy: Copy): Promise<Driver> {
    let driver = this.#drivers.get(copy.name);
    if (!driver) {
      driver = openDriver(copy, this.around);
      this.#drivers.set(copy.name, driver);
    }
    return await driver;
  }

  async unlock(copies: readonly OpenedCopy[]): Promise<Unlocked> {
    const ready = readyOf(copies);
    if (this.ledger.vault.id === undefined && ready.length === 0) throw noVault();
    if (ready.length === 0) throw noCopy(copies);
    const password = await readAgentKey(this.policy.keyFile);
    return await unlockVault(
      ready.map(({ store }) => store),
      password,
    );
  }

  /** The same error, but that of a broken ledger says so. */
  faultOf(error: unknown): unknown {
    return ledgerFault(error, this.policy.state) ?? error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const opened = await Promise.allSettled(this.#drivers.values());
      const drivers = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      await Promise.allSettled(drivers.map(({ store }) => store.close()));
    } finally {
      this.ledger[Symbol.dispose]();
      this.#lock?.[Symbol.dispose]();
    }
  }
}

export async function readPolicy(file: string, around: Surroundings): Promise<Policy> {
  return await loadPolicy(file, {
    readFile,
    env: around.env,
    cwd: around.cwd,
    language: around.language,
  });
}

export function readyOf(copies: readonly OpenedCopy[]): ReadyCopy[] {
  return copies.filter((copy) => copy.state === "ready");
}

function busy(): Fault {
  return new Fault("busy", {
    exit: 5,
    what: {
      ja: "この方針書では、別の mikura が実行中です",
      en: "Another mikura is at work on this policy",
    },
    next: {
      ja: "終わるのを待ってから、もう一度実行してください",
      en: "Wait until it has finished, then run this again",
    },
  });
}

export function noVault(): Fault {
  return new Fault("vault-missing", {
    exit: 2,
    what: { ja: "蔵がまだ作られていません", en: "There is no vault yet" },
    next: {
      ja: "mikura init --policy 方針書 を実行してください",
      en: "Run: mikura init --policy FILE",
    },
  });
}

export function noLedger(): Fault {
  return new Fault("vault-missing", {
    exit: 2,
    what: {
      ja: "写しには蔵がありますが、台帳がそれを知りません（台帳を失ったか、別のパソコンです）。何も書きませんでした",
      en: "The copies hold a vault that the ledger does not know (it was lost, or this is another computer); nothing was written",
    },
    next: {
      ja: "mikura init --policy 方針書 を実行すると、写しから台帳を作り直します。写しは変わりません",
      en: "Run: mikura init --policy FILE. It makes the ledger anew from the copies, which stay as they are",
    },
  });
}

function noCopy(copies: readonly OpenedCopy[]): Fault {
  const faults = copies.flatMap((copy) => (copy.state === "ready" ? [] : [copy.fault]));
  const list = (language: keyof Words): string =>
    faults.map(({ what }) => what[language]).join(" / ");
  return new Fault("copy-absent", {
    what: {
      ja: `使える写しが1つもありません：${list("ja")}`,
      en: `No copy can be used: ${list("en")}`,
    },
    next: {
      ja: "ディスクをつなぐか、共有フォルダーをマウントしてから、もう一度実行してください",
      en: "Connect a disk or mount the share, then run this again",
    },
  });
}
