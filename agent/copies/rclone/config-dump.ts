import { type RemotePlace, remoteFault } from "../remote-faults.ts";
import { STALL_MS } from "../remote.ts";
import { troubleOf } from "./causes.ts";
import { childEnvironment, type Environment } from "./environment.ts";
import { type ConfigDump, placesOf, type RemotePlaces } from "./place.ts";
import { findRclone, loadRclone } from "./program.ts";
import { type RcloneChild, startChild } from "./rclone-child.ts";
import type { RcloneOptions } from "./rclone-http.ts";
import { parseRemote } from "./remote-name.ts";

const LONGEST_DUMP = 4 * 1024 * 1024;
const GRACE_MS = 2000;

/**
 * Where a remote's bytes lie, for the rules about different places (R1, R2). Asks rclone for its
 * config, not the service. The config holds secrets: what is returned does not.
 */
export async function findPlaces(
  options: Pick<RcloneOptions, "copy" | "remote" | "config" | "env" | "signal" | "stallMs">,
): Promise<RemotePlaces> {
  const { copy, config, env, signal, stallMs = STALL_MS } = options;
  const remote = parseRemote(options.remote, copy);
  const at: RemotePlace = { copy, place: `rclone ${options.remote}` };
  const args = ["config", "dump", "--use-json-log", "--ask-password=false"];
  const program = await findRclone(env, at);
  signal.throwIfAborted();
  const child = startChild(loadRclone(program), {
    args: config === undefined ? args : [...args, "--config", config],
    env: childEnvironment(env),
    stdio: ["ignore", "pipe"],
  });
  try {
    const text = await outputOf(child, AbortSignal.any([signal, AbortSignal.timeout(stallMs)]));
    return placesOf({ ...parse(text), ...fromEnvironment(env) }, remote);
  } catch {
    signal.throwIfAborted();
    // Without the parser's words: they repeat what it met, passwords too.
    throw remoteFault(troubleOf(child.log.said()) ?? "broken", at, "rclone config dump");
  } finally {
    await child.stop(GRACE_MS);
  }
}

async function outputOf(child: RcloneChild, signal: AbortSignal): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  signal.addEventListener("abort", () => reject(new Error("rclone does not answer")));
  child.process.stdout?.on("data", (piece: Buffer) => {
    length += piece.length;
    if (length > LONGEST_DUMP) reject(new Error("rclone says too much"));
    else pieces.push(piece);
  });
  const { code } = await Promise.race([child.ended, aborted]);
  if (code !== 0) throw new Error(`rclone: exit ${code}`);
  return Buffer.concat(pieces).toString("utf8");
}

function parse(text: string): ConfigDump {
  const dump: unknown = JSON.parse(text);
  if (typeof dump !== "object" || dump === null) throw new TypeError("No config");
  return dump as ConfigDump;
}

/** A remote may also be made of variables, RCLONE_CONFIG_NAME_OPTION, which the dump leaves out. */
function fromEnvironment(env: Environment): ConfigDump {
  const sections: Record<string, Record<string, string>> = {};
  for (const [variable, value] of Object.entries(env)) {
    const [, name, option] = /^RCLONE_CONFIG_([A-Z0-9]+)_([A-Z0-9_]+)$/.exec(variable) ?? [];
    if (name === undefined || option === undefined || value === undefined) continue;
    (sections[name.toLowerCase()] ??= {})[option.toLowerCase()] = value;
  }
  for (const name of Object.keys(sections)) if (!sections[name]?.["type"]) delete sections[name];
  return sections;
}
