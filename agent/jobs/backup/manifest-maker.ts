import { statSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../base/fault.ts";
import { rawFromText } from "../../base/raw-name.ts";
import { idOf } from "../../vault/ids.ts";
import { MANIFEST_FILE, MANIFEST_FOLDER, SUMS_FILE } from "../../vault/manifest.ts";
import { encodeNode, encodeTree } from "../../vault/tree.ts";
import { type ReadFile, readFileOf } from "./file-batches.ts";
import { writeManifestFiles } from "./manifest-files.ts";
import { type Stat, idsOf, nodeOf } from "./nodes.ts";
import type { OwnerNames } from "./owner-names.ts";
import type { Sealers } from "./sealers.ts";
import type { Source } from "./source-folders.ts";

/** The manifest of a snapshot, stored. */
export interface StoredManifest {
  /** JSON of the node of `.mikura` in the root of the snapshot. */
  readonly node: string;
  /** Of manifest.json. */
  readonly sha256: string;
}

/**
 * Stores SHA256SUMS and manifest.json and their folder. They are files like any other, but their
 * times are the snapshot's, and they have no inode: they lie nowhere in the source.
 */
export async function makeManifest(given: {
  source: Source;
  memory: { path: string; scope: string };
  skipped: readonly string[];
  sealers: Sealers;
  owners: OwnerNames;
  timeNs: bigint;
}): Promise<StoredManifest> {
  const { source, sealers, owners, timeNs } = given;
  const out = {
    sums: join(source.scratch, SUMS_FILE),
    manifest: join(source.scratch, MANIFEST_FILE),
  };
  writeManifestFiles(given.memory, source.folders, given.skipped, out);
  // The index needs room for their blobs as for any file's: a million files have a manifest of 200 MB.
  const bytes = statSync(out.sums).size + statSync(out.manifest).size;
  const results = await sealers.files([rawFromText(out.sums), rawFromText(out.manifest)], bytes);
  const sums = own(readFileOf(results, 0), out.sums);
  const manifest = own(readFileOf(results, 1), out.manifest);
  const timed = (stat: Stat, mode: bigint): Stat => ({
    ...stat,
    mode,
    mtimeNs: timeNs,
    ctimeNs: timeNs,
    ino: 0n,
    dev: 0n,
  });
  const nodes = (
    [
      [SUMS_FILE, sums],
      [MANIFEST_FILE, manifest],
    ] as const
  ).map(([name, file]) =>
    encodeNode(
      nodeOf(name, timed(file.stat, 0o100644n), owners, idsOf(file.content.blobs), {
        size: file.content.size,
        links: 1n,
      }),
    ),
  );
  const tree = encodeTree(nodes);
  await sealers.trees([tree]);
  const folder = nodeOf(MANIFEST_FOLDER, timed(sums.stat, 0o040755n), owners, null, {
    subtree: idOf(tree),
  });
  return {
    node: encodeNode(folder),
    sha256: Buffer.from(manifest.content.sha256).toString("hex"),
  };
}

function own(file: ReadFile | string, path: string): ReadFile {
  if (typeof file !== "string") return file;
  throw new Fault("state-damaged", {
    what: {
      ja: `書いたばかりの目録を読めません（${file}）：${path}`,
      en: `The manifest that was just written cannot be read (${file}): ${path}`,
    },
    next: {
      ja: "台帳のフォルダーがあるディスクの空き容量と状態を確かめてください",
      en: "Check the free space and the health of the disk that holds the state folder",
    },
  });
}
