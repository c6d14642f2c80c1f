import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What one run of a program took. */
export interface Measured {
  readonly seconds: number;
  /** Largest resident memory of the process, bytes. */
  readonly peak: number;
}

/** Milliseconds between two looks at the memory: the system keeps the peak, so only the last look counts. */
const LOOK_EVERY = 20;

/** Runs a program to its end; a failing one throws with what it said. */
export async function measure(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  let peak = 0;
  const look = setInterval(() => (peak = Math.max(peak, peakOf(child.pid!))), LOOK_EVERY);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  clearInterval(look);
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} exited ${code}: ${said}`);
  return { seconds, peak };
}

/** VmHWM of proc(5), in bytes; 0 once the process is gone. */
function peakOf(pid: number): number {
  try {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
