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

interface AnyCopy {
  readonly name: string;
  readonly type: "local";
  readonly path: string;
  readonly site: string;
  readonly medium: Medium;
  /** The disk is carried away and comes back within this many seconds. */
  readonly rotatesS?: number | undefined;
}

/** A copy of our vault. The compiler refuses a foreign one in its place: those are never written. */
export interface Copy extends AnyCopy {
  readonly madeBy?: never;
}

export interface ForeignCopy extends AnyCopy {
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

/** As `Policy`, with the paths as written in the file. */
export type PolicyText = Omit<Policy, "file" | "hash" | "state"> & {
  readonly state?: string | undefined;
};
