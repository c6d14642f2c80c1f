import type { RawName } from "../../base/raw-name.ts";
import { excludeOf } from "./exclude.ts";
import { scan } from "./scan.ts";

/** The count pauses after this many steps, so that the work itself goes on. */
const BREATHE = 512;

/** Files of a source and their bytes. */
export async function countSource(
  folders: readonly RawName[],
  exclude: readonly string[],
  signal: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  let steps = 0;
  for (const step of scan(folders, excludeOf(exclude, folders))) {
    if (step.step === "file") {
      files++;
      bytes += Number(step.found.stat.size);
    }
    if (++steps % BREATHE === 0) await new Promise(setImmediate);
    if (signal.aborted) break;
  }
  return { files, bytes };
}
