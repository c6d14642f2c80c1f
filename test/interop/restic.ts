import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatAgentKey } from "../../agent/vault/agent-key.ts";

/** Why tests against restic are left out here, or undefined. With CI=true nothing may be left out. */
export const NO_RESTIC: string | undefined =
  process.env["CI"] !== "true" && spawnSync("restic", ["version"]).error
    ? "restic is not installed (apt-get install restic)"
    : undefined;

if (NO_RESTIC !== undefined) console.warn(`Left out: tests against restic, since ${NO_RESTIC}.`);

/** A folder that is gone at the end of the scope. */
export function scratch(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "mikura-interop-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs restic on the repository and returns its standard output; throws where it fails. */
export function restic(
  repository: string,
  password: string | { readonly file: string },
  args: readonly string[],
  cwd?: string,
): Buffer {
  const { RESTIC_PASSWORD_FILE: _, ...env } = process.env;
  const keyArgs = typeof password === "string" ? [] : ["--password-file", password.file];
  if (typeof password === "string") env["RESTIC_PASSWORD"] = password;
  const all = ["--no-cache", "--repo", repository, ...keyArgs, ...args];
  return execFileSync("restic", all, { cwd, env, maxBuffer: 2 ** 28, stdio: "pipe" });
}

/** Lays out a repository with nothing in it but the given files. */
export function writeRepository(
  folder: string,
  config: Buffer,
  keyFiles: readonly { readonly name: string; readonly bytes: Buffer }[],
): void {
  for (const name of ["keys", "data", "index", "snapshots", "locks"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const { name, bytes } of keyFiles) writeFileSync(join(folder, "keys", name), bytes);
  writeFileSync(join(folder, "config"), config);
}

/** The agent key as a file that both mikura and restic read. */
export function writeAgentKey(folder: string, agentKey: string): { readonly file: string } {
  const file = join(folder, "agent.key");
  writeFileSync(file, formatAgentKey(agentKey), { mode: 0o600 });
  return { file };
}
