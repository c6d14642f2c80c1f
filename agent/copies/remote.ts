import type { Pace } from "./pace.ts";

/** What every driver of a copy behind a network is given. */
export interface RemoteOptions {
  /** The copy's name in the policy, for messages. */
  readonly copy: string;
  /** Ends whatever is under way, at any time, by throwing its reason. */
  readonly signal: AbortSignal;
  /** A connection on which no byte moves for so long is cut (ms). Default: STALL_MS. */
  readonly stallMs?: number;
  /** How fast bytes may be sent; without it, as fast as they go. */
  readonly pace?: Pace;
}

/** restic, too, cuts what is stuck after two minutes. */
export const STALL_MS = 120_000;
