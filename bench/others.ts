import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Work } from "./contest.ts";
import { type Measured, measure } from "./measure.ts";

/** Another program, for scale: what it took, and which work of mikura's it stands beside. */
export interface Other {
  readonly name: string;
  readonly against: Work;
  readonly measured: Measured;
}

type Env = Readonly<Record<string, string>>;

/** One copy of the source by `rclone copy` (no history, no encryption) and by borg, where installed. */
export async function otherBackups(folder: string, source: string, env: Env): Promise<Other[]> {
  const others: Other[] = [];
  if (isInstalled("rclone", env)) {
    const args = ["copy", source, join(folder, "rclone"), "--config", "/dev/null"];
    others.push({
      name: "rclone copy, one copy",
      against: "first backup",
      measured: await measure("rclone", args, env),
    });
  }
  if (isInstalled("borg", env)) {
    const base = join(folder, "borg-home");
    mkdirSync(base);
    const borg = { ...env, BORG_PASSPHRASE: "bench", BORG_BASE_DIR: base };
    const repository = join(folder, "borg");
    await measure("borg", ["init", "--encryption", "repokey", repository], borg);
    others.push({
      name: "borg create, one copy",
      against: "first backup",
      measured: await measure("borg", ["create", `${repository}::one`, source], borg),
    });
  }
  return others;
}

/** Reads and hashes all bytes of the copies with sha256sum on all cores: the floor of any verify. */
export async function hashCopies(paths: readonly string[], env: Env): Promise<Other> {
  const command = `find "$@" -type f -print0 | xargs -0 -P ${cpus().length} -n 8 sha256sum > /dev/null`;
  const measured = await measure("sh", ["-c", command, "sh", ...paths], env);
  return { name: `sha256sum of three copies on all cores`, against: "verify", measured };
}

function isInstalled(program: string, env: Env): boolean {
  try {
    execFileSync(program, ["--version"], { env, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
