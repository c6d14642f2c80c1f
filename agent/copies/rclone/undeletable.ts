import { Fault } from "../../base/fault.ts";
import { remoteFault } from "../remote-faults.ts";
import { RemoteFiles } from "../rest/files.ts";
import type { Http } from "../rest/http.ts";

/** "no": deleted or overwritten. "proved": both were refused, and the probe is still whole. */
export type Undeletable = "no" | "proved";

/** Where nothing can be deleted it stays, and serves the next time. */
const PROBE = "mikura/undeletable-probe";
const BYTES: Buffer = Buffer.from("mikura tries to delete this file, and hopes that it cannot.\n");
const OTHER: Buffer = Buffer.from("mikura could overwrite this file.\n");

/**
 * Whether the credentials that rclone uses can delete or overwrite what they have put (rule R5): by
 * trying it on a probe, since rclone itself knows no append-only storage.
 *
 * @throws Fault where neither is shown
 */
export async function tryToDelete(http: Http, copy: string): Promise<Undeletable> {
  const files = new RemoteFiles(http, copy);
  if ((await files.size(PROBE)) === undefined) await files.send(PROBE, BYTES);
  if ((await files.read(PROBE)) === undefined)
    throw remoteFault("untrue", files.at, `${PROBE} is not there after it was put`);

  if (!(await refuses(() => files.remove(PROBE)))) return "no";
  if (!(await refuses(() => files.send(PROBE, OTHER)))) {
    await files.send(PROBE, BYTES).catch(() => undefined);
    return "no";
  }
  // Refused, and yet gone or changed: a refusal is a word only.
  return (await files.read(PROBE))?.equals(BYTES) === true ? "proved" : "no";
}

/** @throws what was no refusal, but trouble */
async function refuses(work: () => Promise<unknown>): Promise<boolean> {
  try {
    const answer = await work();
    // The way of a server of rclone's that was told to be append-only.
    return (answer as { status?: number } | undefined)?.status === 403;
  } catch (error) {
    if (error instanceof Fault && error.code === "copy-refused") return true;
    throw error;
  }
}
