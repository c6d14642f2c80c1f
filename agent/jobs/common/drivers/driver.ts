import { Fault } from "../../../base/fault.ts";
import { sleep } from "../../../copies/retry.ts";
import { createPace } from "../../../copies/pace.ts";
import { createPatientStore } from "../../../copies/patient-store.ts";
import type { RemoteOptions } from "../../../copies/remote.ts";
import type { Store } from "../../../copies/store.ts";
import type { Words } from "../../../base/words.ts";
import type { Copy } from "../../../policy/policy.ts";
import type { Surroundings } from "../surroundings.ts";

/** What the jobs use of a copy's driver: its store, and what a store cannot say. */
export interface Driver {
  readonly store: Store;
  /** The folder on this machine; undefined behind a network. */
  readonly folder?: string;
  /** Makes what a new copy needs; what is there stays as it is. Only `init` calls it. */
  readonly prepare: () => Promise<void>;
  /**
   * The physical thing that the copy is on (rule R1): equal for two copies that one broken disk,
   * server, bucket or account would take together. Undefined where it cannot be told.
   */
  readonly place: () => Promise<string | undefined>;
  /** Rule R4; undefined where it cannot be told. */
  readonly needsInternet: boolean | undefined;
  /**
   * Tries with the agent's own credentials to destroy a probe (rule R5); true where all was refused.
   * Undefined: only absence protects this copy.
   */
  readonly isUndeletable?: () => Promise<boolean>;
  /** What is wrong with how the place is set up, and what cannot be told about it. */
  readonly findings?: () => Promise<readonly Finding[]>;
}

export interface Finding {
  /** "bad": the copy is in danger. "note", "unknown": good to know. */
  readonly state: "bad" | "note" | "unknown";
  readonly what: Words;
  readonly next?: Words;
}

/** One driver for a copy and run. Programs and libraries that it needs are loaded here. */
export async function openDriver(copy: Copy, around: Surroundings): Promise<Driver> {
  if (copy.type === "local") return (await import("./local-driver.ts")).localDriver(copy);
  const driver = await openRemote(copy, around);
  return { ...driver, store: patient(driver.store, around) };
}

async function openRemote(copy: RemoteCopy, around: Surroundings): Promise<Driver> {
  if (copy.type === "rclone")
    return (await import("./rclone-driver.ts")).rcloneDriver(copy, around);
  if (copy.type === "rest")
    return await (await import("./rest-driver.ts")).restDriver(copy, around);
  return await (await import("./s3-driver.ts")).s3Driver(copy, around);
}

type RemoteCopy = Exclude<Copy, { type: "local" }>;

/** What every driver behind a network is given. */
export function remoteOptions(
  { name, limit }: RemoteCopy,
  { signal }: Surroundings,
): RemoteOptions {
  if (limit?.between) throw hoursNotKept(name);
  const bytesPerSecond = limit?.bytesPerSecond;
  const now = (): number => performance.now();
  return {
    copy: name,
    signal,
    ...(bytesPerSecond === undefined ? {} : { pace: createPace({ bytesPerSecond, now, sleep }) }),
  };
}

/** Passing trouble of a service is borne, within the limits of one run. */
function patient(store: Store, { signal, random }: Surroundings): Store {
  return createPatientStore(store, {
    signal,
    now: () => performance.now(), // not the wall clock: a machine that slept has lost no patience
    sleep,
    random: () => random(4).readUInt32LE() / 2 ** 32,
  });
}

/** Sending at any hour, where the policy names some, would break its word in silence. */
function hoursNotKept(copy: string): Fault {
  return new Fault("not-available", {
    what: {
      ja: `写し「${copy}」：送ってよい時間帯（between）は、この版ではまだ守れません`,
      en: `Copy "${copy}": hours for sending (between) cannot be kept by this version yet`,
    },
    next: {
      ja: "between の行を消してください。速さの上限（upload）は使えます",
      en: "Remove the line with between. A limit of speed (upload) works",
    },
  });
}
