import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** How one request is answered. What has no rule is answered truly. */
export type Lie =
  /** Stores only so many bytes, or bytes with one bit wrong, or nothing, and says 200. */
  | { readonly upload: "nothing" | "garbage" | number; readonly afterwards?: number }
  /** Does as it was told, then says this. */
  | { readonly afterwards: number }
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The true answer with another body; its Content-Length fits. */
  | { readonly body: (body: Buffer) => Buffer }
  /** Closes (or resets) the connection when so many bytes of the request's or answer's body came. */
  | { readonly cutRequestAt: number; readonly reset?: boolean }
  | { readonly cutAnswerAt: number; readonly reset?: boolean; readonly chunked?: boolean }
  /** Falls silent: reads no more, or sends no more after so many bytes of the body. */
  | { readonly stall: "reading" | number }
  /** Bytes on the wire instead of an answer. */
  | { readonly raw: string };

export interface Rule {
  /** Matches "METHOD path", the path without its first slash. */
  readonly on: RegExp;
  /** How often; default: always. */
  readonly times?: number;
  readonly lie: Lie;
}

export interface LyingRest extends AsyncDisposable {
  readonly origin: string;
  /** By path: "data/0a1b…", "config", "mikura/keys/…". */
  readonly files: Map<string, Buffer>;
  /** "METHOD path" of every request so far. */
  readonly seen: string[];
  /** Later rules go first. */
  tell(...rules: Rule[]): void;
}

export interface LyingRestOptions {
  /** Refuses what is not named by its SHA-256, as rest-server does. */
  readonly checks?: boolean;
  /** Speaks version 1 of the protocol only: lists names without sizes. */
  readonly version1?: boolean;
  /** Puts over what is there, as rclone does. */
  readonly overwrites?: boolean;
}

/** A REST server in memory that holds one repository at its root, and lies on command. */
export async function startLyingRest(options: LyingRestOptions = {}): Promise<LyingRest> {
  const files = new Map<string, Buffer>();
  const seen: string[] = [];
  const rules: { on: RegExp; left: number; lie: Lie }[] = [];
  const sockets = new Set<Socket>();

  function lieFor(line: string): Lie | undefined {
    const rule = rules.find(({ on, left }) => left > 0 && on.test(line));
    if (rule) rule.left--;
    return rule?.lie;
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const line = `${request.method} ${path}`;
    seen.push(line);
    const { socket } = request;
    answer({ files, options, path, lie: lieFor(line) }, request, response).catch(() => {
      socket.destroy(); // the other side went away
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    files,
    seen,
    tell(...more) {
      rules.unshift(...more.map(({ on, times = Infinity, lie }) => ({ on, left: times, lie })));
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Question {
  readonly files: Map<string, Buffer>;
  readonly options: LyingRestOptions;
  readonly path: string;
  readonly lie: Lie | undefined;
}

async function answer(
  question: Question,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { lie } = question;
  if (lie && "raw" in lie) {
    request.socket.end(lie.raw, "latin1");
    return;
  }
  if (lie && "stall" in lie && lie.stall === "reading") {
    request.pause();
    request.socket.pause();
    return;
  }
  const limit = lie && "cutRequestAt" in lie ? lie.cutRequestAt : Infinity;
  const body = await bodyOf(request, limit);
  if (body === undefined) {
    cut(request.socket, lie);
    return;
  }
  if (lie && "status" in lie) {
    response.writeHead(lie.status, lie.headers).end(lie.body ?? "");
    return;
  }
  const truth = handle(question, request.method ?? "", body);
  if (lie && "afterwards" in lie && lie.afterwards !== undefined)
    response.writeHead(lie.afterwards).end();
  else await send(truth, lie, request, response);
}

/** The whole body, or undefined when so many bytes have come. */
async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  if (limit === 0) return undefined;
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length >= limit) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function cut(socket: Socket, lie: Lie | undefined): void {
  if (lie && "reset" in lie && lie.reset) socket.resetAndDestroy();
  else socket.destroy();
}

interface Truth {
  readonly status: number;
  readonly body?: Buffer;
  readonly headers?: Record<string, string>;
}

function handle({ files, options, path, lie }: Question, method: string, body: Buffer): Truth {
  if (path.startsWith("?") || path.includes("/?")) return { status: 200 };
  if (path.endsWith("/")) return list(files, options, path);
  const there = files.get(path);
  if (method === "POST") {
    const name = path.split("/").at(-1);
    const hash = createHash("sha256").update(body).digest("hex");
    if (there && options.overwrites !== true) return { status: 403 };
    if (options.checks === true && path !== "config" && hash !== name) return { status: 400 };
    store(files, path, body, lie);
    return { status: 200 };
  }
  if (method === "DELETE") return { status: files.delete(path) ? 200 : 404 };
  return there ? { status: 200, body: there } : { status: 404 };
}

function store(files: Map<string, Buffer>, path: string, body: Buffer, lie: Lie | undefined): void {
  if (!lie || !("upload" in lie)) files.set(path, body);
  else if (lie.upload === "garbage") files.set(path, flipped(body));
  else if (lie.upload !== "nothing") files.set(path, body.subarray(0, lie.upload));
}

export function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  const middle = Math.floor(other.length / 2);
  other[middle] = (other[middle] ?? 0) ^ 1;
  return other;
}

function list(files: Map<string, Buffer>, { version1 }: LyingRestOptions, path: string): Truth {
  const items = [...files]
    .filter(([name]) => name.startsWith(path) && !name.slice(path.length).includes("/"))
    .map(([name, bytes]) => ({ name: name.slice(path.length), size: bytes.length }));
  const body = version1 === true ? items.map(({ name }) => name) : items;
  return { status: 200, body: Buffer.from(JSON.stringify(body)) };
}

async function send(
  truth: Truth,
  lie: Lie | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status } = truth;
  let body = truth.body ?? Buffer.alloc(0);
  if (lie && "body" in lie && typeof lie.body === "function") body = lie.body(body);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  const isPart = range !== null && status === 200;
  const total = body.length;
  const from = Number(range?.[1]);
  const to = Math.min(Number(range?.[2]), total - 1);
  if (isPart) body = body.subarray(from, to + 1);

  const chunked = lie && "chunked" in lie && lie.chunked;
  response.writeHead(isPart ? 206 : status, {
    ...(!chunked && { "content-length": body.length }),
    ...(isPart && { "content-range": `bytes ${from}-${to}/${total}` }),
    ...truth.headers,
  });
  const stop = stopAt(lie);
  if (stop === undefined || request.method === "HEAD") {
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  response.flushHeaders();
  const { promise, resolve } = Promise.withResolvers<void>();
  response.write(body.subarray(0, stop), () => resolve());
  if (stop > 0) await promise;
  if (lie && "cutAnswerAt" in lie) cut(request.socket, lie);
}

function stopAt(lie: Lie | undefined): number | undefined {
  if (lie && "cutAnswerAt" in lie) return lie.cutAnswerAt;
  return lie && "stall" in lie && lie.stall !== "reading" ? lie.stall : undefined;
}
