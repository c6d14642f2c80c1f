import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";

/** What the stub was asked. */
export interface Asked {
  readonly method: string;
  /** Without the bucket; "" for a question about the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

export interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** How it lies, once: what it does in place of, or to, an honest answer. */
export interface Lie {
  /** Answers this, and does nothing. */
  readonly say?: Said;
  /** Does what was asked, and changes the answer. */
  readonly twist?: (answer: Said) => Said;
  /** Keeps this of what was put. */
  readonly keep?: (bytes: Buffer) => Buffer;
  /** Ends the connection after so many bytes of the answer's body. */
  readonly cutAt?: number;
  /** Falls silent after so many bytes of the answer's body; -1: before the answer. */
  readonly stallAt?: number;
  /** Ends the connection after so many bytes of what is sent to it; where there are fewer, it does not. */
  readonly cutSentAt?: number;
  /** Resets the connection in place of an answer. */
  readonly reset?: true;
}

export interface Stub {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  readonly asked: Asked[];
  /** Called with each question; undefined: an honest answer. */
  lie: (asked: Asked) => Lie | undefined;
  close(): Promise<void>;
}

export interface StubOptions {
  readonly pageSize?: number;
  /** As Ceph and AWS do: a body that is not what Content-MD5 says is refused. */
  readonly checksMd5?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** The parts of S3 that a store needs, in memory, without signatures: for what no real one does on command. */
export async function startStub(options: StubOptions = {}): Promise<Stub> {
  const objects = new Map<string, Buffer>();
  const asked: Asked[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request; // a request that was read in part lets go of it
    void (async () => {
      const question = questionOf(request);
      asked.push(question);
      const lie = stub.lie(question) ?? {};
      const body = await read(request, lie.cutSentAt);
      if (lie.reset) return void socket.resetAndDestroy();
      if (lie.stallAt === -1) return undefined;
      const answer = lie.say ?? honest(objects, question, body, options, lie.keep);
      return send(response, lie.twist?.(answer) ?? answer, question.method, lie);
    })().catch(() => socket.destroy());
  };
  const server = options.tls ? createTlsServer(options.tls, onRequest) : createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const stub: Stub = {
    endpoint: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    objects,
    asked,
    lie: () => undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stub;
}

function questionOf(request: IncomingMessage): Asked {
  const url = new URL(request.url ?? "/", "http://stub");
  const [, , ...key] = decodeURIComponent(url.pathname).split("/");
  const { method = "", headers } = request;
  return { method, key: key.join("/"), query: url.searchParams, headers };
}

async function read(request: IncomingMessage, cutAt = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  if (cutAt === 0 && request.method === "PUT") throw new Error("cut");
  for await (const piece of request) {
    pieces.push(piece as Buffer);
    size += (piece as Buffer).length;
    if (size >= cutAt) throw new Error("cut");
  }
  return Buffer.concat(pieces);
}

function honest(
  objects: Map<string, Buffer>,
  { method, key, query, headers }: Asked,
  body: Buffer,
  { pageSize = 1000, checksMd5 = true }: StubOptions,
  keep: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Said {
  if (query.has("versions")) return problem(501, "NotImplemented");
  if (query.has("list-type")) return page(objects, query, pageSize);
  if (method === "PUT") {
    const md5 = createHash("md5").update(body).digest("base64");
    if (checksMd5 && headers["content-md5"] !== md5) return problem(400, "BadDigest");
    objects.set(key, keep(body));
    return { status: 200, headers: { etag: etagOf(keep(body)) } };
  }
  if (method === "DELETE") {
    objects.delete(key);
    return { status: 204 };
  }
  const bytes = objects.get(key);
  if (!bytes) return problem(404, "NoSuchKey");
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
  if (!range) return { status: 200, headers: { etag: etagOf(bytes) }, body: bytes };
  const [from, to] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
  if (from >= bytes.length) return problem(416, "InvalidRange");
  const part = { "content-range": `bytes ${from}-${to}/${bytes.length}` };
  return { status: 206, headers: part, body: bytes.subarray(from, to + 1) };
}

function page(objects: Map<string, Buffer>, query: URLSearchParams, pageSize: number): Said {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? "";
  const most = Math.min(pageSize, Number(query.get("max-keys") ?? pageSize));
  const all = [...objects]
    .filter(([key]) => key.startsWith(prefix) && key > after)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const some = all.slice(0, most);
  const more = all.length > some.length;
  const entries = some.map(
    ([key, { length }]) =>
      `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${length}</Size></Contents>`,
  );
  const token = more ? `<NextContinuationToken>${some.at(-1)?.[0]}</NextContinuationToken>` : "";
  const head = `<Name>b</Name><Prefix>${encodeURIComponent(prefix)}</Prefix><KeyCount>${some.length}</KeyCount><EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>${token}`;
  const body = `${XML}<ListBucketResult>${head}${entries.join("")}</ListBucketResult>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

export function problem(status: number, code: string, message = "a test"): Said {
  const body = `${XML}<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>';

export function etagOf(bytes: Uint8Array): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

function send(response: ServerResponse, answer: Said, method: string, lie: Lie): void {
  const body = Buffer.from(answer.body ?? "");
  response.writeHead(answer.status, { "content-length": String(body.length), ...answer.headers });
  if (method === "HEAD") return void response.end();
  const stop = lie.cutAt ?? lie.stallAt;
  if (stop === undefined) return void response.end(body);
  response.flushHeaders();
  response.write(body.subarray(0, stop), () => {
    if (lie.cutAt !== undefined) response.socket?.destroy();
  });
}

/** A listing that holds none of what it held, and says that it is whole. */
export function emptied(said: Said): Said {
  return onlyEntries(said, () => false);
}

/** The same with those entries that are kept; by their place in the page. */
export function onlyEntries(said: Said, keeps: (place: number) => boolean): Said {
  let place = 0;
  let kept = 0;
  const body = String(said.body)
    .replaceAll(/<Contents>.*?<\/Contents>/g, (entry) => {
      if (!keeps(place++)) return "";
      kept++;
      return entry;
    })
    .replace(/<NextContinuationToken>.*<\/NextContinuationToken>/, "")
    .replace("<IsTruncated>true", "<IsTruncated>false")
    .replace(/<KeyCount>\d+/, () => `<KeyCount>${kept}`);
  return { ...said, body };
}
