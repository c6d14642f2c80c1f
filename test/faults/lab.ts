import { execFileSync, spawn } from "node:child_process";
import { createCipheriv, hash, randomBytes } from "node:crypto";
import {
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../agent/base/clock.ts";
import { noProgress } from "../../agent/base/progress.ts";
import type { Surroundings } from "../../agent/jobs/common/surroundings.ts";
import type { VaultReader } from "../../agent/jobs/common/vault-reader.ts";
import { Workplace } from "../../agent/jobs/common/workplace.ts";
import { treeDifferences } from "../e2e/same-tree.ts";
import {
  COPIES,
  type CopyName,
  type Ran,
  Workbench,
  type WorkbenchOptions,
} from "../e2e/workbench.ts";

// These tests start the program some hundred times: half of each start is compiling.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "mikura-test-compile-cache");

/** The same numbers again for the same seed (mulberry32): a whole number from 0 to below `limit`. */
export type Dice = (limit: number) => number;

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** Bytes that look like packed data (every other block) or like text. */
export function someBytes(roll: Dice, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const text = roll(2) === 0;
  for (let i = 0; i < length; i++) bytes[i] = text ? 97 + roll(8) : roll(256);
  return bytes;
}

/** Bytes that no program can make smaller, quickly. */
export function noise(roll: Dice, length: number): Buffer {
  const key = Buffer.from(Array.from({ length: 16 }, () => roll(256)));
  return createCipheriv("aes-128-ctr", key, key).update(Buffer.alloc(length));
}

/** A vault with a few small files in it and one snapshot. */
export async function smallCompany(options?: WorkbenchOptions): Promise<Workbench> {
  const bench = new Workbench(options);
  writeSmallFiles(bench.source);
  await bench.init();
  await succeeds(bench, "backup");
  return bench;
}

export function writeSmallFiles(folder: string): void {
  const roll = dice(1);
  mkdirSync(join(folder, "2026/04"), { recursive: true });
  writeFileSync(join(folder, "売掛金.csv"), "得意先,残高\r\n1001,120000\r\n");
  writeFileSync(join(folder, "balance.csv"), "customer,balance\n1001,120000\n");
  writeFileSync(join(folder, "2026/04/invoice.pdf"), someBytes(roll, 300));
  writeFileSync(join(folder, "2026/04/empty"), "");
}

/** Another workbench with the same company, keys, copies and ledger, all its own. */
export function twinOf(bench: Workbench): Workbench {
  const twin = new Workbench();
  const same = { recursive: true, preserveTimestamps: true, force: true } as const;
  cpSync(bench.path, twin.path, { ...same, verbatimSymlinks: true });
  twin.recoveryCode = bench.recoveryCode;
  return twin;
}

export async function succeeds(
  bench: Workbench,
  command: string,
  ...args: readonly string[]
): Promise<Ran> {
  const ran = await bench.mikura(command, ...args);
  if (ran.code !== 0) throw new Error(`${command}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

/** Restores with the real program and tells how the files differ from the source that was read. */
export async function restoreDifferences(
  bench: Workbench,
  copy: CopyName,
  given: { snapshot?: string; source?: string } = {},
): Promise<string[]> {
  const to = bench.newFolder();
  const args = given.snapshot === undefined ? [] : ["--snapshot", given.snapshot];
  await succeeds(bench, "restore", "--copy", copy, "--to", to, ...args);
  const source = given.source ?? bench.source;
  return treeDifferences(source, join(to, source));
}

const KINDS = ["keys", "data", "index", "snapshots"] as const;

/** Path of every object of a copy by "kind/name", `config` included. */
export function objectsIn(root: string): Map<string, string> {
  const found = new Map<string, string>([["config", join(root, "config")]]);
  for (const kind of KINDS) {
    for (const entry of readdirSync(join(root, kind), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.set(`${kind}/${entry.name}`, join(entry.parentPath, entry.name));
    }
  }
  return found;
}

/** The objects of a copy whose bytes are not what their names say. */
export function wrongObjects(root: string): string[] {
  return [...objectsIn(root)]
    .filter(([object]) => object !== "config")
    .filter(([object, path]) => object.split("/")[1] !== hash("sha256", readFileSync(path), "hex"))
    .map(([object]) => object);
}

export function litterIn(root: string): string[] {
  return readdirSync(join(root, "mikura/tmp"));
}

/** Everything below a folder by path: hash of a file, time of change, mode. */
export function photograph(root: string): Record<string, string> {
  const picture: Record<string, string> = {};
  for (const name of ["", ...(readdirSync(root, { recursive: true }) as string[])].sort()) {
    const path = join(root, name);
    const stat = lstatSync(path, { bigint: true });
    const content = stat.isFile() ? hash("sha256", readFileSync(path), "hex") : "";
    picture[name] = `${stat.mode.toString(8)} ${stat.ctimeNs} ${content}`;
  }
  return picture;
}

/** Objects of every copy, which must be the same everywhere (promise 2). */
export function sameObjectsEverywhere(bench: Workbench): boolean {
  const [first, ...others] = COPIES.map((copy) =>
    [...objectsIn(bench.copy(copy)).keys()].sort().join("\n"),
  );
  return others.every((list) => list === first);
}

/** For jobs called without the command line. */
export async function openPlace(bench: Workbench, alone = false): Promise<Workplace> {
  const around: Surroundings = {
    clock: systemClock,
    env: {},
    cwd: bench.path,
    hostname: "test",
    username: "test",
    language: "en",
    random: randomBytes,
    progress: noProgress,
    signal: new AbortController().signal,
  };
  return await Workplace.open(bench.policyFile, around, { alone });
}

const PROJECT = join(import.meta.dirname, "../..");
const NODE = join(PROJECT, "node_modules/.bin/node");

/** Runs the command line under another program, such as setpriv or strace. */
export async function mikuraUnder(
  wrapper: readonly string[],
  bench: Workbench,
  ...args: readonly string[]
): Promise<Ran> {
  const [command, ...rest] = args;
  const line = [NODE, join(PROJECT, "agent/main.ts"), command!, "--policy", bench.policyFile];
  const [program, ...all] = [...wrapper, ...line, ...rest];
  const child = spawn(program!, all, { cwd: bench.path, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return {
    code: code ?? undefined,
    stdout,
    stderr,
    get json() {
      return JSON.parse(stdout) as unknown;
    },
  };
}

const NOBODY = 65_534;

/** Root may read everything: then the program runs as somebody else, who owns the workbench. */
export function asNobody(bench: Workbench): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  chownSync(bench.path, NOBODY, NOBODY);
  execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, bench.path]);
  return ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
}

/** Waits until something is so; fails after a while. Nothing is hit by a fixed sleep. */
export async function until(isSo: () => boolean, limitMs = 30_000): Promise<void> {
  for (const end = Date.now() + limitMs; !isSo();) {
    if (Date.now() > end) throw new Error(`not so after ${limitMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What a tree needs and the reader's copy does not have. */
export async function lacking(
  reader: VaultReader,
  tree: string,
  objects: ReadonlyMap<string, string>,
): Promise<string[]> {
  const there = (kind: "tree" | "data", id: string): boolean => {
    const pack = reader.index.find(kind, id)?.packName;
    return pack !== undefined && objects.has(`data/${pack}`);
  };
  if (!there("tree", tree)) return [`tree ${tree}`];
  const below: string[] = [];
  for (const { content, subtree } of await reader.tree(tree)) {
    below.push(...(content ?? []).filter((id) => !there("data", id)));
    if (subtree) below.push(...(await lacking(reader, subtree, objects)));
  }
  return below;
}
