import type { ChildProcess, SpawnOptions } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, isAbsolute, join } from "node:path";
import { type RemotePlace, remoteFault } from "../remote-faults.ts";
import type { Environment } from "./environment.ts";

/** rclone.js: starts rclone with the arguments, each as it is. */
export type Rclone = (...args: [...args: string[], options: SpawnOptions]) => ChildProcess;

/**
 * The system's rclone: RCLONE_EXECUTABLE, else the first on PATH.
 * @throws Fault (no-program) where there is none.
 */
export async function findRclone(env: Environment, place: RemotePlace): Promise<string> {
  const named = env["RCLONE_EXECUTABLE"];
  if (named) {
    // A bare name would be looked up by spawn in the child's PATH, past the checks below.
    if (isAbsolute(named) && (await isProgram(named))) return named;
    throw remoteFault("no-program", place, "RCLONE_EXECUTABLE");
  }
  const file = process.platform === "win32" ? "rclone.exe" : "rclone";
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    if (!isAbsolute(folder)) continue; // whoever owns the current folder would choose the program
    const path = join(folder, file);
    if ((await isProgram(path)) && !(await isScriptOfNpm(path))) return path;
  }
  throw remoteFault("no-program", place, "rclone");
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** npm puts rclone.js's own command "rclone" on PATH, before the system's. */
async function isScriptOfNpm(path: string): Promise<boolean> {
  return /[\\/]node_modules[\\/]/.test(path) || /[\\/]node_modules[\\/]/.test(await realpath(path));
}

const loaded = new Map<string, Rclone>();
const require = createRequire(import.meta.url);

/** rclone.js, made to start this program. */
export function loadRclone(program: string): Rclone {
  const known = loaded.get(program);
  if (known) return known;
  // It reads the variable once, when it is loaded, and without it takes a path inside its own
  // package, where no program is: its install script, which would fetch one, never runs.
  // oxlint-disable-next-line no-restricted-properties -- the package takes it from nowhere else
  const { env } = process;
  const before = env["RCLONE_EXECUTABLE"];
  env["RCLONE_EXECUTABLE"] = program;
  try {
    delete require.cache[require.resolve("rclone.js")];
    const rclone = require("rclone.js") as Rclone;
    loaded.set(program, rclone);
    return rclone;
  } finally {
    if (before === undefined) delete env["RCLONE_EXECUTABLE"];
    else env["RCLONE_EXECUTABLE"] = before;
  }
}
