import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { until } from "./rclone-subject.ts";

export interface TestSshd {
  /** A section of rclone's config file for the folder `root` on this server. */
  section(name: string): string;
  /** Ends the server and every session of it. */
  stop(): Promise<void>;
  /** The server and its sessions stay, and say nothing any more. */
  freeze(): Promise<void>;
  /** On the same port again; nothing to do where it runs. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** A real OpenSSH server on a free port of this machine, which lets its own user in by key. */
export async function createSshd(): Promise<TestSshd> {
  const base = await mkdtemp(join(tmpdir(), "mikura-sshd-"));
  const port = await freePort();
  for (const key of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(base, key)]);
  const hostKey = (await readFile(join(base, "host.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  await writeFile(join(base, "known_hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(base, "host")}`,
    `AuthorizedKeysFile ${join(base, "user.pub")}`,
    "PidFile none",
    "StrictModes no", // the folder above is everybody's
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin yes",
    "MaxStartups 100",
    "Subsystem sftp internal-sftp",
  ];
  await writeFile(join(base, "sshd_config"), `${settings.join("\n")}\n`);
  // Debian's sshd wants this folder, which systemd makes elsewhere.
  if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });

  let server: ChildProcess | undefined;
  const sshd: TestSshd = {
    section: (name) =>
      [
        `[${name}]`,
        "type = sftp",
        "host = 127.0.0.1",
        `port = ${port}`,
        `user = ${userInfo().username}`,
        `key_file = ${join(base, "user")}`,
        `known_hosts_file = ${join(base, "known_hosts")}`,
        "shell_type = none",
        "",
      ].join("\n"),
    async start() {
      if (server) return;
      const args = ["-D", "-e", "-f", join(base, "sshd_config")];
      server = spawn("/usr/sbin/sshd", args, { stdio: "ignore", detached: true });
      await until(() => answers(port));
    },
    async freeze() {
      if (server?.pid === undefined) throw new Error("No server is running");
      const all = [server.pid, ...(await descendants(server.pid))];
      for (const pid of all) process.kill(pid, "SIGSTOP");
    },
    async stop() {
      if (!server) return;
      const { pid } = server;
      const gone = once(server, "exit");
      server = undefined;
      if (pid === undefined) return;
      for (const session of await descendants(pid)) kill(session);
      kill(pid);
      await gone;
    },
    async dispose() {
      await sshd.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
  await sshd.start();
  return sshd;
}

/** sshd gives each session a process group of its own. */
async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const children = text.split(" ").filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("No port");
  return address.port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
