import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { getCACertificates } from "node:tls";
import type { ClientRequest } from "node:http";
import { remoteFault } from "../remote-faults.ts";
import { type RemoteOptions, STALL_MS } from "../remote.ts";
import type { Http, HttpAnswer, HttpRequest } from "./http.ts";
import { CONNECTION_WAS_IDLE, exchange } from "./tcp-exchange.ts";

export interface TcpHttpOptions extends RemoteOptions {
  /** Of the repository, http: or https:, without user and password. */
  readonly url: string;
  /** For basic authentication, with `password`. Both come from outside the policy. */
  readonly user?: string;
  readonly password?: string;
  /** Certificates (PEM) that are trusted for this server, besides the usual ones. */
  readonly ca?: Uint8Array;
  /** Connections at the same time. Default: 6. */
  readonly connections?: number;
}

/**
 * HTTP/1.1 over TCP, or TLS where the URL says https:. Connections are kept for the next request.
 * @throws RangeError for a URL that cannot be; its text is not repeated, it may hold a password.
 */
export function createTcpHttp(options: TcpHttpOptions): Http {
  const { copy, signal, stallMs = STALL_MS, pace, connections = 6 } = options;
  const base = baseOf(options.url);
  const secure = base.protocol === "https:";
  const place = `${base.origin}${base.pathname.slice(0, -1)}`;
  const at = { copy, place };
  const closing = new AbortController();
  const ending = AbortSignal.any([signal, closing.signal]);

  const pool = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
  const agent = secure
    ? new HttpsAgent({
        ...pool,
        // Said here so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
        rejectUnauthorized: true,
        ...(options.ca && {
          ca: [...getCACertificates("default"), Buffer.from(options.ca).toString("latin1")],
        }),
      })
    : new HttpAgent(pool);

  const authorization = basicAuth(options);
  function open({ method, path, headers, body }: HttpRequest): ClientRequest {
    const url = new URL(path, base);
    if (!url.href.startsWith(base.href)) throw new RangeError(`Cannot ask for ${path}`);
    return (secure ? httpsRequest : httpRequest)(url, {
      agent,
      method,
      headers: {
        ...headers,
        ...(authorization !== undefined && { authorization }),
        ...(body && { "content-length": body.length }),
      },
    });
  }

  return {
    place,

    async request(request: HttpRequest): Promise<HttpAnswer> {
      for (;;) {
        ending.throwIfAborted();
        const answer = await exchange(() => open(request), {
          request,
          at,
          signal: ending,
          stallMs,
          ...(pace && { pace }),
        });
        // Each time one kept connection is used up, so this ends.
        if (answer !== CONNECTION_WAS_IDLE) return answer;
      }
    },

    async close() {
      closing.abort(remoteFault("unsteady", at, "closed"));
      agent.destroy();
    },
  };
}

function baseOf(text: string): URL {
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw new RangeError(
      "Cannot use as the URL of a REST server: it must begin with https:// or http://",
    );
  if (url.username || url.password || url.search || url.hash)
    throw new RangeError(
      "Cannot use as the URL of a REST server: it holds a user, a password, a query or a fragment",
    );
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function basicAuth({ user, password }: TcpHttpOptions): string | undefined {
  if (user === undefined && password === undefined) return undefined;
  return `Basic ${Buffer.from(`${user ?? ""}:${password ?? ""}`, "utf8").toString("base64")}`;
}
