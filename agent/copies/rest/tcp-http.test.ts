import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Fault } from "../../base/fault.ts";
import type { Pace } from "../pace.ts";
import type { Http, HttpRequest } from "./http.ts";
import { createTcpHttp, type TcpHttpOptions } from "./tcp-http.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server that does to each connection as told; nothing of HTTP in it. */
async function listen(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/repo`;
}

function client(url: string, options: Partial<TcpHttpOptions> = {}): Http {
  const http = createTcpHttp({
    copy: "test",
    signal: new AbortController().signal,
    url,
    ...options,
  });
  open.push(() => void http.close());
  return http;
}

const GET: HttpRequest = { method: "GET", path: "config", limit: 1000 };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Answers each request that has no body. */
function answering(text: string, seen: string[] = []): (socket: Socket) => void {
  return (socket) => {
    let head = "";
    socket.on("data", (piece) => {
      head += piece.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      seen.push(head);
      head = "";
      socket.write(text);
    });
  };
}

describe("createTcpHttp", () => {
  it("sends what it is told, below the repository, and the password as basic authentication", async () => {
    const seen: string[] = [];
    const url = await listen(answering(OK, seen));
    const http = client(url, { user: "経理", password: "a:b" });
    const headers = { accept: "x/y" };
    const answer = await http.request({ ...GET, path: "keys/", headers });
    expect(answer).toMatchObject({ status: 200, headers: { "content-length": "2" } });
    expect(answer.body.toString()).toBe("ok");
    expect(seen[0]).toContain("GET /repo/keys/ HTTP/1.1\r\n");
    expect(seen[0]).toContain("accept: x/y\r\n");
    const code = Buffer.from("経理:a:b", "utf8").toString("base64");
    expect(seen[0]).toContain(`authorization: Basic ${code}\r\n`);
    expect(http.place).toBe(url);
  });

  it("keeps connections, and no more of them than allowed", async () => {
    let connections = 0;
    const answer = answering(OK);
    const url = await listen((socket) => {
      connections++;
      answer(socket);
    });
    const http = client(url, { connections: 2 });
    await Promise.all(Array.from({ length: 20 }, () => http.request(GET)));
    expect(connections).toBe(2);
  });

  it.each([
    "ftp://backup.example/",
    "backup.example",
    "https://u:secret@backup.example/",
    "https://backup.example/?token=secret",
    "https://backup.example/#secret",
  ])("refuses the URL %s without repeating it", (url) => {
    const make = (): Http => createTcpHttp({ copy: "c", signal: AbortSignal.abort(), url });
    expect(make).toThrow(RangeError);
    expect(make).not.toThrow(/secret|example/);
  });

  it("leads nowhere but below its repository", async () => {
    const http = client(await listen(answering(OK)));
    for (const path of ["../other/config", "/config", "http://127.0.0.1:1/x"])
      await expect(http.request({ ...GET, path })).rejects.toThrow(RangeError);
  });

  it.each([
    ["http://127.0.0.1:1/", "ECONNREFUSED"],
    ["https://127.0.0.1:1/", "ECONNREFUSED"],
    ["http://nobody.invalid/", "ENOTFOUND|EAI_AGAIN"],
  ])("cannot reach %s", async (url, reason) => {
    const fault = await faultOf(client(url).request(GET));
    expect(fault).toMatchObject({ code: "copy-absent", transient: true });
    expect(fault.message).toMatch(new RegExp(`cannot be reached.*(${reason})`));
  });

  it("says so when there is no TLS at an https: address", async () => {
    const url = await listen((socket) => void socket.on("data", () => socket.write("no TLS\r\n")));
    const fault = await faultOf(client(url.replace("http:", "https:")).request(GET));
    expect(fault).toMatchObject({ code: "copy-failed", transient: false });
    expect(fault.message).toContain("no TLS there");
  });

  it("ends when the signal aborts, with its reason, while connecting, waiting or reading", async () => {
    const reason = new Error("stop");
    for (const first of ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]) {
      const abort = new AbortController();
      const url = await listen((socket) => {
        socket.once("data", () => {
          socket.write(first, () => abort.abort(reason));
        });
      });
      const http = client(url, { signal: abort.signal });
      await expect(http.request(GET)).rejects.toBe(reason);
      await expect(http.request(GET), "and from then on").rejects.toBe(reason);
    }
  });

  it("ends what is under way when it is closed", async () => {
    const asked = Promise.withResolvers<void>();
    const http = client(await listen((socket) => socket.once("data", () => asked.resolve())));
    const answer = faultOf(http.request(GET));
    await asked.promise;
    await http.close();
    expect(await answer).toMatchObject({ code: "copy-failed" });
    expect(await faultOf(http.request(GET))).toMatchObject({ code: "copy-failed" });
  });

  it("takes in no more than the limit", async () => {
    const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    const declared = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    for (const text of [chunked, declared]) {
      const http = client(await listen(answering(text)));
      const fault = await faultOf(http.request({ ...GET, limit: 4 }));
      expect(fault).toMatchObject({ code: "copy-failed", transient: false });
      expect(fault.message).toContain("more than 4 bytes");
    }
  });

  it("cuts nothing that moves, however slowly", async () => {
    const url = await listen((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        for (let n = 1; n <= 10; n++) setTimeout(() => socket.write("x"), n * 100);
      });
    });
    const answer = await client(url, { stallMs: 700 }).request(GET);
    expect(answer.body.toString()).toBe("xxxxxxxxxx");
  });

  it("does not take its own waiting for a stall", async () => {
    const slow: Pace = { take: () => new Promise((resolve) => setTimeout(resolve, 900)) };
    const url = await listen(echoLength);
    const body = Buffer.alloc(1000);
    const http = client(url, { stallMs: 300, pace: slow });
    const answer = await http.request({ ...GET, method: "POST", body });
    expect(answer.body.toString()).toBe("1000");
  });

  it("does not take waiting for a free connection for a stall", async () => {
    const url = await listen((socket) => {
      socket.on("data", () => setTimeout(() => socket.write(OK), 200));
    });
    const http = client(url, { stallMs: 600, connections: 1 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => http.request(GET)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  it("takes each piece of a body from the pace", async () => {
    const taken: number[] = [];
    const pace: Pace = { take: async (bytes) => void taken.push(bytes) };
    const http = client(await listen(echoLength), { pace });
    const body = Buffer.alloc(150_000);
    const answer = await http.request({ ...GET, method: "POST", body });
    expect(answer.body.toString()).toBe("150000");
    expect(taken).toEqual([65_536, 65_536, 18_928]);
  });

  it("hears a refusal before it has sent a large body", async () => {
    const seen: string[] = [];
    const url = await listen(
      answering("HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\n\r\n", seen),
    );
    const body = Buffer.alloc(20_000_000);
    const answer = await client(url).request({ ...GET, method: "POST", body });
    expect(answer.status).toBe(507);
    expect(seen[0]).toMatch(/expect: 100-continue/i);
    expect(seen[0]?.length).toBeLessThan(1000);
  });

  it("says where a redirect leads, and does not go there", async () => {
    const to = "https://user:secret@elsewhere.example/login?token=secret";
    const text = `HTTP/1.1 301 Moved\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`;
    const http = client(await listen(answering(text)), { user: "u", password: "hidden" });
    const fault = await faultOf(http.request(GET));
    expect(fault).toMatchObject({ code: "copy-failed", transient: false });
    expect(fault.message).toContain("sends us elsewhere (301, https://elsewhere.example/login)");
    expect(JSON.stringify([fault.what, fault.next])).not.toMatch(/secret|hidden/);
  });
});

/** Reads a POST to its end and answers with the length of its body. */
function echoLength(socket: Socket): void {
  let text = "";
  let told = false;
  socket.on("data", (piece) => {
    text += piece.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!told && /expect: 100-continue/i.test(text)) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    told = true;
    const wanted = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (text.length - end - 4 < wanted) return;
    const length = String(text.length - end - 4);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length.length}\r\n\r\n${length}`);
  });
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Fault);
  return error as Fault;
}
