import { type ClientHttp2Session, type ClientHttp2Stream, constants } from "node:http2";
import type { HttpAnswer, HttpRequest } from "../rest/http.ts";
import type { Pace } from "../pace.ts";
import { BrokenExchange } from "./broken-exchange.ts";
import { Watch, type WatchOptions } from "./watch.ts";

export interface ExchangeOptions extends WatchOptions {
  readonly signal: AbortSignal;
  readonly pace?: Pace;
}

// Small enough that the pace and the watch on stalling see it move.
const PIECE = 256 * 1024;

/**
 * One request on an HTTP/2 connection.
 * @throws BrokenExchange, or the reason of the signal
 */
export async function exchange(
  session: ClientHttp2Session,
  request: HttpRequest,
  options: ExchangeOptions,
): Promise<HttpAnswer> {
  options.signal.throwIfAborted();
  const { method, body, headers } = request;
  let stream: ClientHttp2Stream;
  try {
    stream = session.request(
      {
        ...headers,
        ...(body && { "content-length": String(body.length) }),
        ":method": method,
        ":path": pathOf(request.path),
      },
      { endStream: body === undefined },
    );
  } catch (error) {
    throw new BrokenExchange("cut", error); // the connection has just ended
  }
  const watch = new Watch(options);
  const abort = (): void => watch.fail(options.signal.reason);
  options.signal.addEventListener("abort", abort, { once: true });
  // Where the answer comes before the whole body is sent, it is what counts.
  const upload = new AbortController();
  try {
    const answer = receive(stream, request, watch);
    if (body) {
      const signal = AbortSignal.any([options.signal, upload.signal]);
      send(stream, body, watch, { ...options, signal }).catch((error: unknown) => {
        if (!upload.signal.aborted) watch.fail(error);
      });
    }
    return await Promise.race([answer, watch.failed]);
  } finally {
    upload.abort();
    watch.end();
    options.signal.removeEventListener("abort", abort);
    stream.close(constants.NGHTTP2_CANCEL);
  }
}

/** Below the root of the connection; what is not ASCII is escaped, what is escaped stays. */
export function pathOf(below: string): string {
  const { pathname, search } = new URL(`/${below}`, "http://rclone");
  return pathname + search;
}

async function send(
  stream: ClientHttp2Stream,
  body: Uint8Array,
  watch: Watch,
  { pace, signal }: ExchangeOptions,
): Promise<void> {
  for (let at = 0; at < body.length; at += PIECE) {
    const piece = body.subarray(at, at + PIECE);
    if (pace) {
      watch.pause();
      await pace.take(piece.length, signal);
      watch.moved(0);
    }
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      stream.write(piece, (error) =>
        error ? reject(new BrokenExchange("cut", error)) : resolve(),
      );
    });
    watch.moved(piece.length);
  }
  stream.end();
}

function receive(
  stream: ClientHttp2Stream,
  { method, limit }: HttpRequest,
  watch: Watch,
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  promise.catch(() => undefined); // the watch may have failed first
  const cut = (cause?: unknown): void => reject(new BrokenExchange("cut", cause));
  stream.on("error", cut);
  stream.on("close", () => cut());
  stream.on("response", (fields) => {
    watch.moved(0);
    const status = Number(fields[":status"]);
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(fields))
      if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : value;

    const said = headers["content-length"];
    const announced = method !== "HEAD" && said !== undefined ? Number(said) : undefined;
    if (announced !== undefined && announced > limit) {
      reject(new BrokenExchange("too-long"));
      return;
    }
    const body = new Body(announced);
    stream.on("data", (piece: Buffer) => {
      watch.moved(0);
      if (body.length + piece.length > (announced ?? limit))
        reject(new BrokenExchange(announced === undefined ? "too-long" : "cut"));
      else body.add(piece);
    });
    stream.on("end", () => {
      if (announced !== undefined && body.length < announced) cut();
      else resolve({ status, headers, body: body.bytes() });
    });
  });
  return promise;
}

/** Bytes that arrive in pieces; once in memory where their number is announced. */
class Body {
  length = 0;
  readonly #whole: Buffer | undefined;
  readonly #pieces: Buffer[] = [];

  constructor(announced?: number) {
    if (announced !== undefined) this.#whole = Buffer.allocUnsafeSlow(announced);
  }

  add(piece: Buffer): void {
    if (this.#whole) this.#whole.set(piece, this.length);
    else this.#pieces.push(piece);
    this.length += piece.length;
  }

  bytes(): Buffer {
    return this.#whole?.subarray(0, this.length) ?? Buffer.concat(this.#pieces);
  }
}
