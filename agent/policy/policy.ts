import type { Language } from "../base/words.ts";

/** The policy file as the program uses it: every default filled in, every path absolute. */
export interface Policy {
  /** Absolute path of the policy file. */
  readonly file: string;
  /** SHA-256 of the file's bytes, hex: tells which wording of the policy a proof was made under. */
  readonly hash: string;
  readonly company: string;
  readonly language: Language;
  /** IANA name. Schedules and reports are in this zone, whatever the machine's own is. */
  readonly timezone: string;
  /** Where the original data is. */
  readonly site: string;
  readonly keyFile: string;
  /** Folder of the ledger. */
  readonly state: string;
  /** R1 is not enforced; every screen says so. */
  readonly demo: boolean;
  /** At least one, in the order of the file, as are `copies` and `foreign`. */
  readonly datasets: readonly Dataset[];
  /** The copies of our vault, which mikura writes. */
  readonly copies: readonly Copy[];
  /** Repositories that restic itself keeps: read only, and in none of the rules' counts. */
  readonly foreign: readonly ForeignCopy[];
  readonly retention: Retention;
  readonly verify: { readonly schedule: string; readonly fullPassS: number };
  readonly drill: { readonly schedule: string };
  /** Written reasons of the rules that the owner does without. */
  readonly waive: Waivers;
}

/** Names ending in S are durations in seconds; `schedule` is cron with five fields. */
export interface Dataset {
  readonly name: string;
  /** What people call it; the name where the file gives none. */
  readonly title: string;
  /** The business that stops without it. */
  readonly purpose?: string | undefined;
  readonly folders: readonly string[];
  /** Globs of names, or of paths as seen from a folder. */
  readonly exclude: readonly string[];
  readonly schedule: string;
  readonly rpoS: number;
  readonly rtoS: number;
}

/** A copy of our vault, by the kind of place that it lies in. */
export type Copy = LocalCopy | RcloneCopy | RestCopy | S3Copy;

interface AnyCopy {
  readonly name: string;
  readonly site: string;
  readonly medium: Medium;
  /** The compiler refuses a foreign copy in the place of ours: those are never written. */
  readonly madeBy?: never;
}

/** A folder that this machine can see. */
export interface LocalCopy extends AnyCopy {
  readonly type: "local";
  /** Where it is found: one folder, or one for each of the disks that take turns (then `rotatesS` is there). */
  readonly paths: readonly [string, ...string[]];
  /** The disk is carried away and comes back within this many seconds. */
  readonly rotatesS?: number | undefined;
}

interface RemoteCopy extends AnyCopy {
  /** Nobody carries it away. */
  readonly rotatesS?: undefined;
  readonly limit?: UploadLimit | undefined;
}

/** Any remote of rclone. */
export interface RcloneCopy extends RemoteCopy {
  readonly type: "rclone";
  /** "NAME:PATH", never a connection string; neither part is empty. */
  readonly remote: string;
  /** rclone's configuration; undefined: rclone's own rules (the user's file, the environment). */
  readonly config?: string | undefined;
}

/** A REST server of restic. */
export interface RestCopy extends RemoteCopy {
  readonly type: "rest";
  /** https, or http to this machine; without a name, a query or a slash at the end. */
  readonly url: string;
  readonly login?: { readonly user: string; readonly passwordFile: string } | undefined;
  /** Certificates that the server's is checked with (PEM). */
  readonly caFile?: string | undefined;
}

/** A bucket of AWS or of a service that speaks the same language. */
export interface S3Copy extends RemoteCopy {
  readonly type: "s3";
  /** https, or http to this machine; nothing but scheme, host and port. Undefined: AWS in `region`. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** "a/b", or "" for the whole bucket; no slash at either end. */
  readonly prefix: string;
  /** The bucket stands in the path of the address, and not in the name of the host. */
  readonly pathStyle: boolean;
  /** Of data packs only; undefined: the bucket's own. */
  readonly storageClass?: StorageClass | undefined;
  readonly credentials: S3Credentials;
  /** Objects are put so that nobody can delete them for this many seconds. */
  readonly objectLockS?: number | undefined;
  readonly caFile?: string | undefined;
}

/** Where the keys to a bucket are: the environment, a profile of ~/.aws, a file. They are never in the policy. */
export type S3Credentials = "env" | { readonly profile: string } | { readonly file: string };

/** Those that can be read at once. */
export const STORAGE_CLASSES = [
  "STANDARD",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
  "REDUCED_REDUNDANCY",
] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];

/** At least one of the two is there. */
export interface UploadLimit {
  readonly bytesPerSecond?: number | undefined;
  /** Bytes are sent only at these hours. */
  readonly between?: Hours | undefined;
}

/** Minutes after midnight in the policy's time zone; a `to` before `from` is on the next day. Never equal. */
export interface Hours {
  readonly from: number;
  /** No longer in it; at most 24:00. */
  readonly to: number;
}

/** A repository that restic itself keeps, in a folder. */
export interface ForeignCopy extends Omit<AnyCopy, "madeBy"> {
  readonly type: "local";
  readonly path: string;
  readonly rotatesS?: number | undefined;
  readonly madeBy: "restic";
  readonly passwordFile: string;
}

/** Snapshots to keep of each period. */
export interface Retention {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
}

/** A closed list, because R2 counts kinds: "NAS" and "nas-2" would pass for two. */
export const MEDIA = [
  "disk",
  "usb-disk",
  "usb-memory",
  "nas",
  "server",
  "optical-disc",
  "tape",
  "object-storage",
] as const;
export type Medium = (typeof MEDIA)[number];

export type Rule = "R1" | "R2" | "R3" | "R4" | "R5";
export type WaivableRule = Exclude<Rule, "R1">;
export type Waivers = Readonly<Partial<Record<WaivableRule, string | undefined>>>;

/** Every `type` of a copy. */
export const COPY_TYPES = ["local", "rclone", "rest", "s3"] as const;
export type CopyType = (typeof COPY_TYPES)[number];

/** As `Policy`, with the paths as written in the file. */
export type PolicyText = Omit<Policy, "file" | "hash" | "state"> & {
  readonly state?: string | undefined;
};
