import type { RemoteFiles } from "./files.ts";
import { isSuccess } from "./answers.ts";

/** 128 bits that no lock of restic's will ever begin with: what a killed probe left is known by it. */
const PROBE_MARK = "6d696b7572612d70726f62652d6c6f63"; // "mikura-probe-loc"

/** Whether a name in `locks/` is a probe of ours and no lock. */
export function isProbe(name: string): boolean {
  return name.startsWith(PROBE_MARK);
}

/**
 * Whether this server compares what it receives with the SHA-256 in its name, so that an object
 * that it took in is whole. Shown by trying: it gets a lock that is not what its name says.
 * Anything but the plain refusal of a body leaves it unproved. `tag`: 32 new hex digits.
 *
 * In `locks/`, because nothing else may be removed from an append-only server.
 */
export async function checksHashes(files: RemoteFiles, tag: string): Promise<boolean> {
  const path = `locks/${PROBE_MARK}${tag}`;
  const answer = await files.send(path, Buffer.from("mikura: no lock, a probe", "utf8"));
  if (answer.status === 400 || answer.status === 422) return true;
  // Also after an error: it may have taken the probe in all the same.
  if (isSuccess(answer) || answer.status >= 500) await files.remove(path).catch(() => {});
  return false;
}
