import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Corpus } from "./corpora.ts";
import { type Measured, measure } from "./measure.ts";
import { type Other, hashCopies, otherBackups } from "./others.ts";

export const WORKS = ["first backup", "unchanged", "1% changed", "verify", "restore"] as const;
export type Work = (typeof WORKS)[number];

export interface Outcome {
  readonly mikura: Record<Work, Measured>;
  readonly restic: Record<Work, Measured>;
  readonly others: readonly Other[];
  /** Bytes of one copy of each. */
  readonly size: { readonly mikura: number; readonly restic: number };
}

const MIKURA = fileURLToPath(new URL("../bin/mikura", import.meta.url));
const COPIES = ["a", "b", "c"] as const;

/** Runs every work once through mikura (three copies) and restic (one copy), in turn, on one corpus. */
export async function contest(
  corpus: Corpus,
  folder: string,
  env: Readonly<Record<string, string>>,
  given: { seed: number; scale: number; round: number },
): Promise<Outcome> {
  const source = join(folder, "source");
  mkdirSync(folder, { recursive: true });
  corpus.make(source, given.seed, given.scale);
  const policy = join(folder, "mikura.yaml");
  writeFileSync(policy, policyText(source));
  const password = join(folder, "password");
  writeFileSync(password, "bench\n");
  const repository = join(folder, "restic");
  const restic = (...args: string[]): Promise<Measured> =>
    measure(
      "restic",
      ["-r", repository, "--password-file", password, "--no-cache", "-q", ...args],
      env,
    );
  const mikura = (...args: string[]): Promise<Measured> =>
    measure(MIKURA, [...args, "--policy", policy], env);
  await mikura("init");
  await restic("init", "--repository-version", "2");

  const result: { mikura: Partial<Outcome["mikura"]>; restic: Partial<Outcome["restic"]> } = {
    mikura: {},
    restic: {},
  };
  const copies = COPIES.map((name) => join(folder, name));
  const both = async (
    work: Work,
    ours: () => Promise<Measured>,
    theirs: () => Promise<Measured>,
  ): Promise<void> => {
    warm([source, ...copies, repository]);
    // Who goes first changes with the round: the second finds the disk busier or the cache warmer.
    const order =
      given.round % 2 === 0 ? (["mikura", "restic"] as const) : (["restic", "mikura"] as const);
    for (const who of order) result[who][work] = await (who === "mikura" ? ours() : theirs());
  };
  const others = await otherBackups(folder, source, env);
  const backups = { ours: () => mikura("backup"), theirs: () => restic("backup", source) };
  await both("first backup", backups.ours, backups.theirs);
  await both("unchanged", backups.ours, backups.theirs);
  corpus.change(source, given.seed);
  await both("1% changed", backups.ours, backups.theirs);
  await both(
    "verify",
    () => mikura("verify", "--all"),
    () => restic("check", "--read-data"),
  );
  await both(
    "restore",
    () => mikura("restore", "--copy", "a", "--to", join(folder, "back-mikura")),
    () => restic("restore", "latest", "--verify", "--target", join(folder, "back-restic")),
  );
  warm(copies);
  others.push(await hashCopies(copies, env));
  prove(folder, source);
  const size = {
    mikura: sizeOf(join(folder, "a", "data")),
    restic: sizeOf(join(repository, "data")),
  };
  await clearAway(folder);
  return {
    mikura: result.mikura as Outcome["mikura"],
    restic: result.restic as Outcome["restic"],
    others,
    size,
  };
}

/** A fast wrong result is worth nothing: restic must read all three copies, and what came back must be the source. */
function prove(folder: string, source: string): void {
  for (const copy of COPIES) {
    const args = [
      "-r",
      join(folder, copy),
      "--password-file",
      join(folder, "agent.key"),
      "--no-cache",
      "-q",
    ];
    execFileSync("restic", [...args, "check", "--read-data"]);
  }
  execFileSync("diff", ["-r", source, join(folder, "back-mikura", source)]);
}

function policyText(source: string): string {
  const copies = COPIES.map(
    (name) => `  ${name}: { type: local, path: ./${name}, site: ${name}, medium: disk }`,
  );
  return `mikura: 1
demo: true
company: Bench
language: en
site: here
key-file: ./agent.key
state: ./state
datasets:
  corpus: { folders: [${JSON.stringify(source)}] }
copies:
${copies.join("\n")}
`;
}

/** Reads everything once, so that both find the same warm cache, however either of them writes. */
function warm(paths: readonly string[]): void {
  execFileSync("sh", ["-c", 'find "$@" -type f -exec cat {} + > /dev/null', "sh", ...paths]);
}

function sizeOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

/**
 * ext4 does not use an inode again in the first minute after its file is gone (fs/ext4/ialloc.c,
 * recently_deleted), and looks for another one by one: creating files takes several times as long.
 */
const SETTLING = 65_000;

async function clearAway(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  execFileSync("sync");
  await setTimeout(SETTLING);
}
