import { once } from "node:events";
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { errnoOf } from "../../base/fault.ts";
import { remoteFault, type RemotePlace } from "../remote-faults.ts";
import type { Pace } from "../pace.ts";
import { flawOf } from "./answers.ts";

/** What the SDK hands over to be sent, signed; its own type lies in a package that is not ours. */
export interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SdkAnswer {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Record<string, string>;
    /** A stream for the bytes of an object, else whole. */
    readonly body: Buffer | IncomingMessage;
  };
}

export interface S3HttpOptions {
  readonly where: RemotePlace;
  readonly signal: AbortSignal;
  readonly stallMs: number;
  readonly pace?: Pace;
  readonly caPem?: string;
}

/** More wait in line: a service slows down whoever opens many. */
const MAX_CONNECTIONS = 16;
/** Bytes between two questions to the pace. */
const PIECE = 64 * 1024;
/** Of an answer that is no object; a page of a listing is below 1 MiB. */
const MAX_ANSWER_BYTES = 16 * 1024 ** 2;

/**
 * Sends the SDK's requests in place of its own handler, which knows neither a pace nor a stall
 * while a body is read. Bodies are whole buffers, so each is signed over its SHA-256 before it goes.
 */
export class S3Http {
  readonly #options: S3HttpOptions;
  readonly #plain: Agent;
  readonly #tls: TlsAgent;

  constructor(options: S3HttpOptions) {
    this.#options = options;
    const common = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    this.#plain = new Agent(common);
    this.#tls = new TlsAgent({ ...common, ...(options.caPem && { ca: options.caPem }) });
  }

  async handle(request: SdkRequest): Promise<SdkAnswer> {
    const { signal } = this.#options;
    for (let again = MAX_CONNECTIONS; ; again--) {
      signal.throwIfAborted();
      const exchange = new Exchange(request, this.#options, this.#open(request));
      try {
        return await exchange.answer();
      } catch (error) {
        // The service closed an idle connection at the moment we took it up again.
        const stale = exchange.reused && /^(ECONNRESET|EPIPE)$/.test(errnoOf(error) ?? "");
        if (signal.aborted || !stale || again === 0) throw error;
      }
    }
  }

  destroy(): void {
    this.#plain.destroy();
    this.#tls.destroy();
  }

  // The SDK asks every handler for these; there is nothing to set.
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  #open({ protocol, hostname, port, method, path, query, headers }: SdkRequest): ClientRequest {
    const tls = protocol === "https:";
    const send = tls ? tlsRequest : plainRequest;
    return send({
      host: hostname.replace(/^\[(.*)\]$/, "$1"), // an IPv6 address stands in brackets
      ...(port !== undefined && { port }),
      method,
      path: `${path}${queryString(query)}`,
      headers,
      agent: tls ? this.#tls : this.#plain,
      timeout: this.#options.stallMs, // of the socket: no byte moved, also while it connects
    });
  }
}

/** One request and its answer. */
class Exchange {
  readonly #request: SdkRequest;
  readonly #options: S3HttpOptions;
  readonly #wire: ClientRequest;
  #answer: IncomingMessage | undefined;
  /** We hold bytes back ourselves: no stall. */
  #paced = false;

  constructor(request: SdkRequest, options: S3HttpOptions, wire: ClientRequest) {
    this.#request = request;
    this.#options = options;
    this.#wire = wire;
  }

  get reused(): boolean {
    return this.#answer === undefined && this.#wire.reusedSocket;
  }

  async answer(): Promise<SdkAnswer> {
    const { signal } = this.#options;
    const wire = this.#wire;
    const abort = (): void => this.#end(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    wire.once("close", () => signal.removeEventListener("abort", abort));
    wire.on("timeout", () => {
      if (!this.#paced) this.#end(remoteFault("stalled", this.#options.where));
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      wire.on("error", reject); // stays: an error after the answer is the answer's own
      wire.once("response", resolve);
    });
    void this.#send().catch((error: unknown) => this.#end(error));
    const answer = await answered;
    this.#answer = answer;
    const { statusCode = 0 } = answer;
    const response = { statusCode, headers: plainHeaders(answer) };
    const isObject = this.#request.query?.["x-id"] === "GetObject" && statusCode < 300;
    if (isObject) return { response: { ...response, body: answer } };
    const body = await this.#whole(answer);
    // Refused before all was sent: the rest need not go.
    if (!wire.writableFinished) wire.destroy();
    return { response: { ...response, body } };
  }

  async #send(): Promise<void> {
    const { pace, signal } = this.#options;
    const wire = this.#wire;
    const { body } = this.#request;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    if (!(bytes instanceof Uint8Array)) return void wire.end();
    if (!pace) return void wire.end(bytes);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      this.#paced = true;
      await pace.take(piece.length, signal);
      this.#paced = false;
      if (wire.destroyed || (this.#answer?.statusCode ?? 0) >= 300) return;
      if (!wire.write(piece)) await drained(wire);
    }
    wire.end();
  }

  async #whole(answer: IncomingMessage): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of answer) {
      pieces.push(piece as Buffer);
      size += (piece as Buffer).length;
      if (size > MAX_ANSWER_BYTES)
        throw remoteFault("broken", this.#options.where, "answer > 16 MiB");
    }
    const body = Buffer.concat(pieces);
    const { method, query = {} } = this.#request;
    const good = method === "GET" && answer.statusCode === 200;
    const flaw = good ? flawOf(query, body) : undefined;
    if (flaw === "cut") throw remoteFault("unsteady", this.#options.where, "an answer was cut off");
    if (flaw === "foreign") throw remoteFault("broken", this.#options.where, "no answer of S3");
    return body;
  }

  #end(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error("ended");
    if (this.#answer) this.#answer.destroy(error);
    this.#wire.destroy(error);
  }
}

async function drained(wire: ClientRequest): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(wire, "drain", { signal }), once(wire, "close", { signal })])
    .catch(() => undefined) // the error reaches whoever waits for the answer
    .finally(() => over.abort());
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function queryString(query: SdkRequest["query"] = {}): string {
  const parts = Object.entries(query).flatMap(([name, values]) =>
    [values]
      .flat()
      .map((value) => (value === null ? escaped(name) : `${escaped(name)}=${escaped(value)}`)),
  );
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** As the signature has it: RFC 3986, which escapes more than encodeURIComponent. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
