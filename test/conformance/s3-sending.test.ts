import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { S3Options } from "../../agent/copies/s3/options.ts";
import { type S3Place, s3Place } from "../../agent/copies/s3/place.ts";
import { createS3Store } from "../../agent/copies/s3/s3-store.ts";
import type { Store } from "../../agent/copies/store.ts";
import { problem, type Stub, startStub } from "./s3-stub.ts";

const object = { kind: "data", name: "a".repeat(64) } as const;
const large = Buffer.alloc(8 * 1024 * 1024, 1);

function open(endpoint: string, more: Partial<S3Options> = {}): Store {
  return createS3Store({ ...optionsOf(endpoint), ...more });
}

function optionsOf(endpoint: string): S3Options {
  return {
    copy: "cloud",
    signal: new AbortController().signal,
    endpoint,
    region: "default",
    bucket: "b",
    prefix: "",
    credentials: "env",
    env: { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" },
  };
}

describe("sending", () => {
  it("is cut where the service stops taking the bytes", async () => {
    const sockets: Socket[] = [];
    // Answers HEAD, then takes no byte of the body.
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.on("data", (data: Buffer) => {
        if (data.subarray(0, 4).toString() === "HEAD")
          socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        else socket.pause();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const store = open(`http://127.0.0.1:${port}`, { stallMs: 400 });
    try {
      await expect(store.put(object, large)).rejects.toMatchObject({
        code: "copy-absent",
        message: expect.stringContaining("stopped answering"),
      });
    } finally {
      await store.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it("asks the pace for every byte, and waiting for it is no stall", async () => {
    const stub = await startStub();
    let asked = 0;
    let waits = 0;
    const pace = {
      take: async (bytes: number): Promise<void> => {
        asked += bytes;
        // Twice as long as what counts as a stall.
        if (++waits === 2) await new Promise((resolve) => setTimeout(resolve, 800));
      },
    };
    const store = open(stub.endpoint, { pace, stallMs: 400 });
    await store.put(object, large);
    await store.close();
    await stub.close();
    expect(stub.objects.get(`data/aa/${object.name}`)?.equals(large)).toBe(true);
    expect(asked).toBeGreaterThanOrEqual(large.length);
    expect(waits).toBeGreaterThan(100);
  });

  it("ends while it waits for the pace", async () => {
    const stub = await startStub();
    const stop = new AbortController();
    const pace = {
      take: (_: number, signal: AbortSignal): Promise<void> =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
          setTimeout(() => stop.abort(new Error("enough")), 50);
        }),
    };
    const store = open(stub.endpoint, { pace, signal: stop.signal });
    await expect(store.put(object, large)).rejects.toThrow("enough");
    await store.close();
    await stub.close();
    expect(stub.objects.size).toBe(0);
  });
});

describe("TLS", () => {
  it("trusts nobody unknown, and the authority that is named", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mikura-s3-"));
    const made =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test";
    const where = ["-keyout", "key", "-out", "cert", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", [...made.split(" "), ...where], { cwd: folder, stdio: "pipe" });
    const [key = "", cert = ""] = ["key", "cert"].map((n) => readFileSync(join(folder, n), "utf8"));
    rmSync(folder, { recursive: true });
    const stub: Stub = await startStub({ tls: { key, cert } });
    const stranger = open(stub.endpoint);
    const trusting = open(stub.endpoint, { caPem: cert });
    try {
      const fault = { code: "copy-refused", message: expect.stringContaining("certificate") };
      await expect(stranger.put(object, large)).rejects.toMatchObject(fault);
      await expect(stranger.size(object)).rejects.toMatchObject(fault);
      await trusting.put(object, large);
      expect((await trusting.get(object))?.equals(large)).toBe(true);
    } finally {
      await stranger.close();
      await trusting.close();
      await stub.close();
    }
  });
});

describe("what is sent along", () => {
  it("class and retention for what they are meant for", async () => {
    const stub = await startStub();
    const store = open(stub.endpoint, {
      classOf: (kind) => (kind === "data" ? "STANDARD_IA" : undefined),
      objectLock: { mode: "COMPLIANCE", days: 30 },
      clock: { now: () => Date.UTC(2030, 0, 1) },
    });
    for (const kind of ["data", "index", "locks"] as const)
      await store.put({ kind, name: object.name }, Buffer.from(kind));
    await store.put({ kind: "config", name: "config" }, Buffer.from("config"));
    await store.writeNote("heartbeat.json", Buffer.from("{}"));
    await store.close();
    await stub.close();
    const puts = stub.asked.filter(({ method, key }) => method === "PUT" && !/probe/.test(key));
    const sent = puts.map(({ key, headers }) => [
      key.split("/")[0],
      headers["x-amz-storage-class"],
      headers["x-amz-object-lock-mode"],
      headers["x-amz-object-lock-retain-until-date"],
    ]);
    const held = ["COMPLIANCE", "2030-01-31T00:00:00Z"];
    expect(sent).toEqual([
      ["data", "STANDARD_IA", ...held],
      ["index", undefined, ...held],
      ["locks", undefined, undefined, undefined],
      ["config", undefined, ...held],
      ["mikura", undefined, undefined, undefined],
    ]);
  });
});

describe("who signs", () => {
  const signer = (stub: Stub): string | undefined =>
    /Credential=([^/]+)\//.exec(stub.asked[0]?.headers.authorization ?? "")?.[1];

  it.each(["profile", "file"])("comes from a %s", async (source) => {
    const stub = await startStub();
    const folder = mkdtempSync(join(tmpdir(), "mikura-s3-"));
    const file = join(folder, "credentials");
    const keys = (id: string): string => `aws_access_key_id=${id}\naws_secret_access_key=s\n`;
    writeFileSync(file, `[default]\n${keys("FIRST")}[backup]\n${keys("SECOND")}`, { mode: 0o600 });
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", file);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "FROM-THE-ENVIRONMENT");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
    const credentials = source === "file" ? { file } : { profile: "backup" };
    const store = open(stub.endpoint, { credentials, env: {} });
    expect(await store.size(object)).toBeUndefined();
    expect(signer(stub)).toBe(source === "file" ? "FIRST" : "SECOND");
    await store.close();
    const none = open(stub.endpoint, { credentials: { profile: "none" }, env: {} });
    await expect(none.size(object)).rejects.toMatchObject({ code: "copy-refused" });
    await none.close();
    await stub.close();
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  });

  it("stands for the account where the service does not tell the owner", async () => {
    const stub = await startStub();
    stub.lie = () => ({ say: problem(403, "AccessDenied") });
    const place = (AWS_ACCESS_KEY_ID: string): Promise<S3Place> =>
      s3Place({
        ...optionsOf(stub.endpoint),
        env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: "secret" },
      });
    const [one, same, other] = [await place("ONE"), await place("ONE"), await place("OTHER")];
    expect(one).toEqual(same);
    expect(one).toMatchObject({ by: "key", bucket: other.bucket });
    expect(one.account).not.toBe(other.account);
    expect(JSON.stringify(one)).not.toContain("ONE");
    stub.lie = () => ({ say: problem(503, "SlowDown") });
    await expect(place("ONE")).rejects.toMatchObject({ transient: true });
    await stub.close();
  });
});
