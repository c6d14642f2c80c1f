import { once } from "node:events";
import type { ClientRequest } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Pace } from "../pace.ts";
import type { StallWatch } from "./stall-watch.ts";

export interface Sending {
  readonly watch: StallWatch;
  /** Ends the sending, which then returns quietly. */
  readonly signal: AbortSignal;
  /** Told of each piece that was handed to the system. */
  readonly sent: (bytes: number) => void;
  readonly pace: Pace | undefined;
}

/** Small enough that the stall watch sees a slow line move and a limit on bandwidth is smooth. */
export const PIECE_BYTES: number = 64 * 1024;

/** How long a server may think about whether it wants the body (ms); old ones never say. */
const LEAVE_MS = 1000;

/** Sends the body of a request and ends it. */
export async function sendBody(
  outgoing: ClientRequest,
  body: Uint8Array,
  sending: Sending,
): Promise<void> {
  try {
    if (body.length > PIECE_BYTES) await waitForLeave(outgoing, sending);
    for (let at = 0; at < body.length; at += PIECE_BYTES)
      await sendPiece(outgoing, body.subarray(at, at + PIECE_BYTES), sending);
    if (!sending.signal.aborted) outgoing.end();
  } catch (error) {
    if (!sending.signal.aborted) throw error;
  }
}

/**
 * A server that refuses (no space, no permission, already there) says so before a large body is
 * sent. Without this, it would cut the connection in the middle, and its reason might be lost.
 */
async function waitForLeave(outgoing: ClientRequest, { signal }: Sending): Promise<void> {
  outgoing.setHeader("expect", "100-continue");
  outgoing.flushHeaders();
  const given = new AbortController();
  const either = { signal: AbortSignal.any([signal, given.signal]) };
  try {
    const waits = [once(outgoing, "continue", either), wait(LEAVE_MS, undefined, either)];
    for (const each of waits) each.catch(() => {}); // the slower one is given up
    await Promise.race<unknown>(waits);
  } finally {
    given.abort();
  }
}

async function sendPiece(
  outgoing: ClientRequest,
  piece: Uint8Array,
  { watch, signal, sent, pace }: Sending,
): Promise<void> {
  if (pace) {
    watch.rest();
    await pace.take(piece.length, signal);
    watch.moved();
  }
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  outgoing.write(piece, (error) => (error ? reject(error) : resolve()));
  sent(piece.length);
  await promise;
  watch.moved();
}
