import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { TcpHttpOptions } from "../../agent/copies/rest/tcp-http.ts";

/** Programs are looked for on the PATH first, but never in node_modules: rclone.js puts one there. */
function find(name: string, elsewhere: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const outside = folders.filter((folder) => folder !== "" && !folder.includes("node_modules"));
  return [...outside.map((folder) => join(folder, name)), elsewhere].find((path) =>
    existsSync(path),
  );
}

const REST_SERVER = find("restic-rest-server", "/opt/rest-server/usr/bin/restic-rest-server");
const RCLONE = find("rclone", "/usr/bin/rclone");

/** Why tests against a service are left out here. With CI=true nothing may be left out. */
export const LEFT_OUT: { readonly rest: string | undefined; readonly rclone: string | undefined } =
  {
    rest: reason(REST_SERVER, "restic-rest-server"),
    rclone: reason(RCLONE, "rclone"),
  };

function reason(program: string | undefined, name: string): string | undefined {
  if (program !== undefined || process.env["CI"] === "true") return undefined;
  console.warn(`Left out: tests against ${name}, which is not installed.`);
  return `${name} is not installed`;
}

export interface Service extends AsyncDisposable {
  /** http://127.0.0.1:PORT */
  readonly origin: string;
  /** What the service stores lies here. */
  readonly folder: string;
  /** Its own certificate authority, as PEM, where it speaks TLS. */
  readonly ca?: Buffer;
  readonly user?: string;
  readonly password?: string;
  /** Ends it without a word and leaves what it stores. */
  kill(): Promise<void>;
  /** Holds it in its tracks: connections stay open, and nothing moves. */
  freeze(frozen: boolean): void;
}

export const USER = "mikura";
export const PASSWORD = "合言葉:with a colon";

/** A real restic REST server on a free port. */
export async function startRestServer(
  options: {
    readonly appendOnly?: boolean;
    readonly tls?: boolean;
    readonly flags?: string[];
    /** Of a server that was killed. */
    readonly folder?: string;
  } = {},
): Promise<Service> {
  const base = await mkdtemp(join(tmpdir(), "mikura-rest-"));
  const folder = options.folder ?? join(base, "data");
  await mkdir(folder, { recursive: true });
  const hash = createHash("sha1").update(PASSWORD).digest("base64");
  await writeFile(join(base, "htpasswd"), `${USER}:{SHA}${hash}\n`);
  const flags = ["--listen", "127.0.0.1:0", "--path", folder];
  flags.push("--htpasswd-file", join(base, "htpasswd"), ...(options.flags ?? []));
  if (options.appendOnly === true) flags.push("--append-only");
  const tls = options.tls === true ? await makeCertificates(base) : undefined;
  if (tls) flags.push("--tls", "--tls-cert", tls.certificate, "--tls-key", tls.key);
  const child = start(REST_SERVER, flags);
  const address = await said(child, /start server on (127\.0\.0\.1:\d+)/);
  return {
    origin: `${tls ? "https" : "http"}://${address}`,
    folder,
    user: USER,
    password: PASSWORD,
    ...(tls && { ca: tls.ca }),
    ...control(child, base),
  };
}

/** rclone speaking the same protocol in front of a folder: checks no hash, replaces what is there. */
export async function startRclone(
  options: { readonly appendOnly?: boolean } = {},
): Promise<Service> {
  const base = await mkdtemp(join(tmpdir(), "mikura-rclone-"));
  const folder = join(base, "data");
  await mkdir(folder);
  const config = join(base, "rclone.conf");
  await writeFile(config, "");
  // Its cache would hide what a test plants behind its back.
  const flags = ["serve", "restic", "--config", config, "--addr", "127.0.0.1:0"];
  flags.push("--cache-objects=false", "--user", USER, "--pass", PASSWORD);
  if (options.appendOnly === true) flags.push("--append-only");
  const child = start(RCLONE, [...flags, folder]);
  const address = await said(child, /http:\/\/(127\.0\.0\.1:\d+)/);
  return {
    origin: `http://${address}`,
    folder,
    user: USER,
    password: PASSWORD,
    ...control(child, base),
  };
}

const NEVER = new AbortController().signal;

/** How the driver opens a repository of the service. */
export function optionsFor(service: Service, repository: string): TcpHttpOptions {
  const { origin, user, password, ca } = service;
  return {
    copy: "test",
    signal: NEVER,
    url: `${origin}/${repository}`,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(ca && { ca }),
  };
}

/** Lays a file into the folder of a repository, behind the service's back. */
export async function plant(
  service: Service,
  repository: string,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const file = join(service.folder, repository, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

/** A certificate for 127.0.0.1 from a certificate authority that nobody knows. */
async function makeCertificates(
  folder: string,
): Promise<{ ca: Buffer; certificate: string; key: string }> {
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { stdio: "pipe", cwd: folder });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=mikura test CA",
  );
  openssl("req", ...newKey, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=test");
  await writeFile(path("san"), "subjectAltName=IP:127.0.0.1\n");
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san"];
  openssl("x509", "-req", "-in", "server.csr", ...signing, "-out", "server.pem", "-days", "2");
  return {
    ca: await readFile(path("ca.pem")),
    certificate: path("server.pem"),
    key: path("server.key"),
  };
}

function start(program: string | undefined, args: readonly string[]): ChildProcess {
  if (program === undefined) throw new Error("The service's program is not installed");
  return spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
}

/** What a service prints when it is ready. */
async function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (piece: Buffer) => {
      text = (text + piece.toString("utf8")).slice(-10_000);
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  child.once("error", reject);
  child.once("exit", () => reject(new Error(`The service ended: ${text}`)));
  return promise;
}

function control(
  child: ChildProcess,
  base: string,
): Pick<Service, "kill" | "freeze"> & AsyncDisposable {
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return {
    kill,
    freeze: (frozen) => void child.kill(frozen ? "SIGSTOP" : "SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(base, { recursive: true, force: true });
    },
  };
}
