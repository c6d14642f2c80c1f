import type { Clock } from "../../base/clock.ts";
import type { RemoteOptions } from "../remote.ts";
import type { ObjectKind } from "../store.ts";

/** A bucket, or a part of one, on AWS or a compatible service. */
export interface S3Options extends RemoteOptions {
  /** "https://s3.example"; without it, AWS in the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Where in the bucket the repository lies; "" for all of it. Slashes at its ends do not matter. */
  readonly prefix: string;
  /** The bucket's name in the path, not in the host's name. Default: with an endpoint of one's own. */
  readonly pathStyle?: boolean;
  readonly credentials: S3Credentials;
  /** Where "env" looks; nothing else of it is read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the objects of a kind cost and how fast they come back; undefined: the bucket's own way. */
  readonly classOf?: (kind: ObjectKind) => StorageClass | undefined;
  readonly objectLock?: LockRule;
  /** The certificate of whoever vouches for the service (PEM), in place of the system's. */
  readonly caPem?: string;
  readonly clock?: Clock;
  /** 16 new hex digits at each call: names of probe objects. */
  readonly newTag?: () => string;
}

/**
 * Never in the policy: the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN), a profile of the user's ~/.aws, or a file of mode 0600.
 */
export type S3Credentials = "env" | { readonly profile: string } | { readonly file: string };

/** Classes that are read at once: archived ones would need hours before a restore can begin. */
export type StorageClass =
  | "STANDARD"
  | "STANDARD_IA"
  | "ONEZONE_IA"
  | "INTELLIGENT_TIERING"
  | "GLACIER_IR"
  | "REDUCED_REDUNDANCY";

/**
 * How long what is put may be neither deleted nor overwritten.
 *
 * COMPLIANCE binds everybody, the account's owner too, until it lapses. GOVERNANCE binds whoever
 * lacks the right to bypass it: as good only where the agent's credentials lack it, which
 * undeletable.ts tries, and changeable by whoever takes over the account.
 */
export interface LockRule {
  readonly mode: LockMode;
  readonly days: number;
}

export type LockMode = "COMPLIANCE" | "GOVERNANCE";

/** The safe one: a policy that does not say is not bypassed by anybody. */
export const DEFAULT_LOCK_MODE: LockMode = "COMPLIANCE";

export const DAY_MS = 86_400_000;
