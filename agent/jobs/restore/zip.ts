import { createHash } from "node:crypto";
import { once } from "node:events";
import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Fault, errnoOf } from "../../base/fault.ts";
import type { Progress } from "../../base/progress.ts";
import { type RawName, rawFromText, rawToExactText, rawToText } from "../../base/raw-name.ts";
import { fromGoMode } from "../../vault/go-mode.ts";
import type { ManifestEntry } from "../../vault/manifest.ts";
import type { TreeNode } from "../../vault/tree.ts";
import { type StoredSnapshot, type VaultReader, damaged } from "../common/vault-reader.ts";
import { ManifestCheck } from "./manifest-check.ts";
import type { RestoredTree } from "./restore-tree.ts";
import { refuseForbidden, targetFault } from "./target.ts";
import { census, everything, onlyPaths, walkTree } from "./tree-walk.ts";

/**
 * Writes a snapshot as one zip file, for a person with any computer. It appears under its name only
 * when it is whole and every file in it is proved: one wrong file, and there is no zip.
 */
export async function writeZip<State>(given: {
  reader: VaultReader;
  snapshot: StoredSnapshot;
  file: string;
  forbidden: readonly string[];
  paths: readonly string[];
  manifest: Iterable<ManifestEntry> | undefined;
  state: State;
  progress: Progress;
  signal: AbortSignal;
}): Promise<RestoredTree & { target: string; manifest: State }> {
  const { reader, snapshot, progress, signal } = given;
  const target = resolve(given.file);
  await refuseForbidden(target, given.forbidden);
  await census(reader, snapshot.tree);
  const part = `${target}.part`;
  const filter = given.paths.length === 0 ? everything : onlyPaths(given.paths.map(rawFromText));
  const check = given.manifest && new ManifestCheck(given.manifest, filter);
  let files = 0;
  let bytes = 0;

  const { ZipArchive } = await import("archiver"); // large, and few commands make a zip
  const zip = new ZipArchive({ zlib: { level: 6 } });
  const file = await reserve(target, part);
  const fill = async (): Promise<void> => {
    for await (const { step, path, node } of walkTree(reader, snapshot.tree, filter)) {
      signal.throwIfAborted();
      const said = step === "enter" ? undefined : check?.seen(path, node);
      if (step === "leave") continue;
      const entry = entryOf(path, node);
      const added = once(zip, "entry", { signal });
      if (node.type === "dir")
        zip.append("", { ...entry, name: `${entry.name}/`, type: "directory" });
      else if (node.type === "symlink")
        zip.symlink(entry.name, rawToText(node.linkTarget!), entry.mode);
      else if (node.type === "file") {
        const content = Readable.from(contentOf(reader, node, said));
        // The archiver does not listen: without this, a damaged blob would end the whole program.
        content.on("error", (error) => zip.destroy(error));
        zip.append(content, entry);
        files++;
        bytes += Number(node.size);
        progress.advance(1, Number(node.size));
      } else continue;
      await added;
    }
    if (check && check.finish().length > 0) throw damaged(reader.copy, `snapshots/${snapshot.id}`);
    await zip.finalize();
  };
  try {
    const filled = fill().catch((error: unknown) => {
      zip.destroy(error instanceof Error ? error : undefined); // else the pipeline waits for more
      throw error;
    });
    await Promise.all([pipeline(zip, file.createWriteStream({ flush: true }), { signal }), filled]);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    if (error instanceof Fault || errnoOf(error) === undefined || signal.aborted) throw error;
    throw targetFault(target, error);
  }
  return { files, bytes, wrong: [], target, manifest: given.state };
}

/** The proved content of a file, blob by blob. Throws Fault("object-damaged") where it is not right. */
async function* contentOf(
  reader: VaultReader,
  node: TreeNode,
  said: ManifestEntry | undefined,
): AsyncGenerator<Buffer> {
  const whole = createHash("sha256");
  let size = 0n;
  for (const id of node.content ?? []) {
    const plain = await reader.blob("data", id);
    whole.update(plain);
    size += BigInt(plain.length);
    yield plain;
  }
  const sha256 = whole.digest("hex");
  if (size !== (node.size ?? 0n) || (said?.sha256 !== undefined && said.sha256 !== sha256)) {
    throw damaged(reader.copy, rawToText(node.name));
  }
}

/** A zip has names in UTF-8, permission bits, and seconds. Other bytes in a name come as %XX. */
function entryOf(path: RawName, node: TreeNode): { name: string; mode: number; date: Date } {
  const name =
    rawToExactText(path) ??
    path.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  return {
    name,
    mode: fromGoMode(node.mode) & 0o7777,
    date: new Date(Number(node.mtime / 1_000_000n)),
  };
}

/** Opens the file that grows; refuses to take the place of anything (promise 8). */
async function reserve(target: string, part: string): Promise<FileHandle> {
  if (await exists(target)) {
    throw new Fault("target-not-empty", {
      exit: 2,
      what: { ja: `${target} はすでにあります`, en: `${target} is there already` },
      next: { ja: "新しい名前を --zip に指定してください", en: "Name a new file with --zip" },
    });
  }
  try {
    await rm(part, { force: true }); // of a run that was killed
    return await open(part, "wx", 0o600);
  } catch (error) {
    throw targetFault(target, error);
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
