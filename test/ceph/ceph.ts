import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { cephConf } from "./ceph-conf.ts";

/** A real S3 service on loopback: one Ceph node with all data in memory. */
export interface Ceph {
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Runs radosgw-admin on it. */
  admin(...args: readonly string[]): Promise<string>;
  /** Ends its processes, removes its files. */
  stop(): Promise<void>;
}

/** Debian: radosgw, ceph-mon, ceph-osd, ceph-common. */
const PROGRAMS = ["ceph", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph-authtool"];

const missing = PROGRAMS.filter((name) => !existsSync(`/usr/bin/${name}`));

/** With CI=true nothing is left out: then a missing program is a failure. */
export const CEPH_LEFT_OUT: boolean = missing.length > 0 && process.env["CI"] !== "true";

if (CEPH_LEFT_OUT)
  console.warn(`Left out: tests against Ceph's S3 gateway; not installed: ${missing.join(", ")}.`);

const run = promisify(execFile);
const DEADLINE_MS = 100_000;
const ACCESS = { accessKeyId: "mikura", secretAccessKey: "mikura-secret" } as const;

/** Starts one; takes about ten seconds on two cores. */
export async function startCeph(): Promise<Ceph> {
  const folder = await mkdtemp(join(tmpdir(), "mikura-ceph-"));
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return await start(folder, children, stop);
  } catch (error) {
    const log = await readFile(join(folder, "client.rgw.log"), "utf8").catch(() => "");
    await stop();
    throw new Error(`Ceph did not start\n${log.slice(-2000)}`, { cause: error });
  }
}

async function start(
  folder: string,
  children: ChildProcess[],
  stop: () => Promise<void>,
): Promise<Ceph> {
  const [port = 0, mon = 0, monOld = 0] = await freePorts(3);
  const fsid = randomUUID();
  const conf = join(folder, "ceph.conf");
  const keyring = join(folder, "keyring");
  const env = { ...ENVIRONMENT, CEPH_CONF: conf };
  const tool = async (program: string, ...args: readonly string[]): Promise<string> =>
    (await run(program, args, { env, timeout: DEADLINE_MS })).stdout;
  const daemon = (program: string, ...args: readonly string[]): void => {
    // Dies with this process, however that ends.
    const death = ["--pdeathsig", "KILL", "--", program, "-f", ...args];
    children.push(spawn("setpriv", death, { env, stdio: "ignore" }));
  };

  for (const name of ["mon", "osd", "rgw", "run"]) await mkdir(join(folder, name));
  await writeFile(conf, cephConf({ folder, fsid, port, mon, monOld }));

  const caps = ["mon", "osd", "mgr"].flatMap((kind) => ["--cap", kind, "allow *"]);
  await tool("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", ...caps);
  for (const name of ["client.admin", "osd.0", "client.rgw"])
    await tool("ceph-authtool", keyring, "--gen-key", "-n", name, ...caps);
  const map = join(folder, "monmap");
  const at = `[v2:127.0.0.1:${mon},v1:127.0.0.1:${monOld}]`;
  await tool("monmaptool", "--create", "--addv", "a", at, "--fsid", fsid, map);
  await tool("ceph-mon", "--mkfs", "-i", "a", "--monmap", map, "--keyring", keyring);
  daemon("ceph-mon", "-i", "a");

  const osd = randomUUID();
  await tool("ceph", "osd", "new", osd);
  await tool("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd);
  daemon("ceph-osd", "-i", "0");
  daemon("radosgw", "-n", "client.rgw");

  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint, children);
  const keys = ["--access-key", ACCESS.accessKeyId, "--secret-key", ACCESS.secretAccessKey];
  const admin = (...args: readonly string[]): Promise<string> => tool("radosgw-admin", ...args);
  await admin("user", "create", "--uid=mikura", "--display-name=mikura", ...keys);
  return { endpoint, port, region: "default", ...ACCESS, admin, stop };
}

const ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/** Port numbers that nothing listens on now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  return await Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === "object" && address ? address.port : 0;
    }),
  );
}

async function answers(endpoint: string, children: readonly ChildProcess[]): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const dead = children.find(({ exitCode, signalCode }) => exitCode !== null || signalCode);
    if (dead) throw new Error(`${dead.spawnargs.join(" ")} ended`);
    const there = await fetch(endpoint, { signal: deadline }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (there) return;
    await wait(200, undefined, { signal: deadline });
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL"); // nothing of it is to be kept
  await exit;
}

/** The restic binary against it; throws with its output where it fails. */
export function resticOn(ceph: Ceph, repository: string, ...args: readonly string[]): string {
  const env = {
    ...ENVIRONMENT,
    HOME: "/nonexistent",
    AWS_ACCESS_KEY_ID: ceph.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey,
    RESTIC_PASSWORD: "test",
  };
  const where = ["-r", `s3:${ceph.endpoint}/${repository}`, "--no-cache"];
  const options = ["-o", "s3.bucket-lookup=path", "-o", `s3.region=${ceph.region}`];
  return execFileSync("restic", [...where, ...options, ...args], { env, encoding: "utf8" });
}
