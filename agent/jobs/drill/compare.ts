import { promisify } from "node:util";
import { lstat, readdir, readlink } from "node:fs/promises";
import sha256File from "sha256-file";
import { errnoOf } from "../../base/fault.ts";
import type { Progress } from "../../base/progress.ts";
import {
  type RawName,
  rawFromBytes,
  rawFromText,
  rawJoin,
  rawToBytes,
} from "../../base/raw-name.ts";
import { MANIFEST_FOLDER, type ManifestEntry } from "../../vault/manifest.ts";

/** One thing in the restored folder that is not what the source was. */
export interface Mismatch {
  readonly path: RawName;
  readonly what: "missing" | "extra" | "type" | "size" | "content" | "mode" | "mtime" | "target";
}

/** Files hashed at a time. */
const AT_ONCE = 4;

const hashFile = promisify(sha256File) as (path: Buffer) => Promise<string>;

/**
 * Compares a restored folder with the manifest of the source, by other code than wrote it: every
 * file is read from the disk and hashed by sha256-file, and nothing may be missing or be too much.
 */
export async function compareWithManifest(
  folder: string,
  manifest: readonly ManifestEntry[],
  progress: Progress,
  signal: AbortSignal,
): Promise<{ mismatches: Mismatch[]; files: number; bytes: number }> {
  const root = rawFromText(folder);
  const mismatches: Mismatch[] = [];
  let files = 0;
  let bytes = 0;
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < manifest.length) {
      signal.throwIfAborted();
      const entry = manifest[next++]!;
      const what = await differenceAt(rawToBytes(rawJoin(root, entry.path)), entry);
      if (what) mismatches.push({ path: entry.path, what });
      if (entry.type !== "file") continue;
      files++;
      bytes += entry.size ?? 0;
      progress.advance(1, entry.size ?? 0);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
  const expected = new Set(manifest.map(({ path }) => path));
  for (const path of await extras(root, expected)) mismatches.push({ path, what: "extra" });
  return { mismatches, files, bytes };
}

async function differenceAt(
  path: Buffer,
  entry: ManifestEntry,
): Promise<Mismatch["what"] | undefined> {
  let stat;
  try {
    stat = await lstat(path, { bigint: true });
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return "missing";
    throw error;
  }
  const type = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "dir"
      : stat.isSymbolicLink()
        ? "symlink"
        : "other";
  if (type !== entry.type) return "type";
  if (type === "file" && stat.size !== BigInt(entry.size ?? 0)) return "size";
  if (type === "file" && (await hashFile(path)) !== entry.sha256) return "content";
  if (type === "symlink") {
    const target = rawFromBytes(await readlink(path, { encoding: "buffer" }));
    if (target !== entry.target) return "target";
  }
  // A link's own mode means nothing on Linux.
  if (type !== "symlink" && (Number(stat.mode) & 0o7777) !== entry.mode) return "mode";
  return stat.mtimeNs === entry.mtime ? undefined : "mtime";
}

/** What lies in the folder and not in the manifest; the way down to the dataset's folders is no extra. */
async function extras(root: RawName, expected: ReadonlySet<RawName>): Promise<RawName[]> {
  const way = new Set<string>();
  for (const path of expected) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1))
      way.add(path.slice(0, at));
  }
  const found: RawName[] = [];
  const visit = async (at: RawName): Promise<void> => {
    const names = await readdir(rawToBytes(rawJoin(root, at)), {
      encoding: "buffer",
      withFileTypes: true,
    });
    for (const entry of names) {
      const path = rawJoin(at, rawFromBytes(entry.name));
      if (path === MANIFEST_FOLDER) continue;
      if (!expected.has(path) && !way.has(path)) found.push(path);
      else if (entry.isDirectory()) await visit(path);
    }
  };
  await visit("" as RawName);
  return found;
}
