import type { ClientRequest, IncomingMessage } from "node:http";
import { errnoOf } from "../../base/fault.ts";
import type { Pace } from "../pace.ts";
import { remoteFault, type RemotePlace } from "../remote-faults.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { PIECE_BYTES, sendBody } from "./send-body.ts";
import { type StallWatch, watchStall } from "./stall-watch.ts";
import { connectionFault } from "./tcp-faults.ts";

export interface Exchange {
  readonly request: HttpRequest;
  readonly at: RemotePlace;
  readonly signal: AbortSignal;
  readonly stallMs: number;
  readonly pace?: Pace;
}

/** The server had given up a kept connection before this request reached it: ask again. */
export const CONNECTION_WAS_IDLE: unique symbol = Symbol("connection was idle");

const NO_BODY = new Uint8Array(0);

/** One request and its whole answer. Throws a Fault, or the reason of `signal`. */
export async function exchange(
  open: () => ClientRequest,
  { request, at, signal, stallMs, pace }: Exchange,
): Promise<HttpAnswer | typeof CONNECTION_WAS_IDLE> {
  const done = Promise.withResolvers<HttpAnswer | typeof CONNECTION_WAS_IDLE>();
  const over = new AbortController(); // ends the sending, however this ends
  const outgoing = open();
  let connected = false;
  let answer: IncomingMessage | undefined;
  let sent = 0;

  const watch = watchStall(stallMs, () => {
    const seconds = `${stallMs / 1000} s`;
    const fault = connected
      ? remoteFault("stalled", at, `no byte in ${seconds}`)
      : remoteFault("unreachable", at, `no connection in ${seconds}`);
    done.reject(fault);
  });
  const failed = (error: unknown): void => {
    const lost = ["ECONNRESET", "EPIPE"].includes(errnoOf(error) ?? "");
    // More than one piece goes out only when the server has shown that it is there (sendBody).
    const idle = lost && outgoing.reusedSocket && !answer && sent <= PIECE_BYTES;
    if (idle) done.resolve(CONNECTION_WAS_IDLE);
    else done.reject(connectionFault(error, at));
  };
  const aborted = (): void => done.reject(signal.reason);
  signal.addEventListener("abort", aborted, { once: true });

  // Not before: while all connections are in use, a request waits in line and nothing stalls.
  outgoing.once("socket", (socket) => {
    watch.moved();
    const begin = (): void => {
      connected = true;
      watch.moved();
      sendBody(outgoing, request.body ?? NO_BODY, {
        watch,
        signal: over.signal,
        sent: (bytes) => (sent += bytes),
        pace,
      }).catch(failed);
    };
    if (socket.connecting) socket.once("connect", begin);
    else begin();
  });
  outgoing.on("error", failed);
  outgoing.once("response", (incoming) => {
    answer = incoming;
    over.abort(); // an answer that comes early ends the sending: the server has made up its mind
    takeIn(incoming, request, at, watch).then(done.resolve, failed);
  });

  try {
    return await done.promise;
  } finally {
    watch.stop();
    over.abort();
    signal.removeEventListener("abort", aborted);
    // A connection in the middle of something can serve no other request.
    if (!outgoing.writableFinished || answer?.complete !== true) outgoing.destroy();
  }
}

async function takeIn(
  incoming: IncomingMessage,
  { method, limit }: HttpRequest,
  at: RemotePlace,
  watch: StallWatch,
): Promise<HttpAnswer> {
  watch.moved();
  const { statusCode: status = 0, headers } = incoming;
  if (status >= 300 && status < 400 && status !== 304)
    // Followed, it would take the password to wherever the server says.
    throw remoteFault("broken", at, `the server sends us elsewhere (${status}${target(headers)})`);
  const declared = headers["content-length"];
  const tooLong = (): Error => remoteFault("broken", at, `an answer of more than ${limit} bytes`);
  if (method !== "HEAD" && Number(declared) > limit) throw tooLong();

  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    watch.moved();
    length += piece.length;
    if (length > limit) throw tooLong();
    pieces.push(piece);
  }
  // Said by the parser, which counts: all bytes of Content-Length, or the last chunk.
  if (!incoming.complete)
    throw remoteFault("unsteady", at, `the answer ends after ${length} bytes`);
  return { status, headers: flat(headers), body: Buffer.concat(pieces, length) };
}

/** Where a redirect leads, without what may be secret in an address. */
function target({ location }: IncomingMessage["headers"]): string {
  const url = location === undefined ? null : URL.parse(location);
  return url ? `, ${url.origin}${url.pathname}`.slice(0, 150) : "";
}

function flat(headers: IncomingMessage["headers"]): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value?.toString()]),
  );
}
