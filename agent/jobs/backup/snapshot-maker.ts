import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../../base/progress.ts";
import { idOf } from "../../vault/ids.ts";
import { MANIFEST_FOLDER } from "../../vault/manifest.ts";
import { encodeTree } from "../../vault/tree.ts";
import { FolderStack } from "./folder-stack.ts";
import { type StoredManifest, makeManifest } from "./manifest-maker.ts";
import type { OwnerNames } from "./owner-names.ts";
import { ScanMemoryWriter, openMemory } from "./scan-memory.ts";
import type { Sealers } from "./sealers.ts";
import type { Source } from "./source-folders.ts";
import { CHANGING, type FileCounts, SourceReading, type Trouble } from "./source-reading.ts";

/** What the snapshot before left behind. */
export interface Before {
  readonly manifestNode: string;
  readonly manifestSha256: string;
  readonly scanSha256: string | undefined;
  readonly skipped: readonly string[];
}

export interface Taken {
  /** Root tree of the snapshot. */
  readonly tree: string;
  readonly manifest: StoredManifest;
  readonly files: FileCounts;
  readonly bytes: number;
  readonly bytesRead: number;
  readonly troubles: readonly Trouble[];
  /** Paths that are not in the snapshot though they are in the source. */
  readonly skipped: readonly string[];
  /** Keeps the scan memory and gives its hash; call it when all copies have what they can get. */
  readonly commitMemory: () => string;
}

/**
 * Takes one dataset's snapshot: walks the source once, reads what is new or changed, stores trees
 * and the manifest. Nothing is visible in any copy yet.
 */
export async function takeSnapshot(given: {
  source: Source;
  before: Before | undefined;
  sealers: Sealers;
  owners: OwnerNames;
  timeNs: bigint;
  progress: Progress;
  signal: AbortSignal;
}): Promise<Taken> {
  const { source, before, sealers, owners } = given;
  mkdirSync(source.scratch, { recursive: true, mode: 0o700 });
  const scope = JSON.stringify([source.folders, source.exclude]);
  const memoryPath = join(source.scratch, "memory");
  const memory = openMemory(memoryPath, scope, before?.scanSha256);
  const writer = new ScanMemoryWriter(memoryPath, scope);

  const trees: Promise<void>[] = [];
  const storeTree = (tree: Buffer): void => {
    const stored = sealers.trees([tree]);
    stored.catch(() => {}); // awaited below, unless the reading fails first
    trees.push(stored);
  };
  const stack = new FolderStack(owners, writer, storeTree);
  const reading = new SourceReading({ stack, memory, sealers, progress: given.progress });
  await reading.run(source.folders, source.exclude, given.signal);

  const skipped = reading.troubles.filter(({ why }) => why !== CHANGING).map(({ path }) => path);
  const same = memory && before && stack.unchanged && sameList(skipped, before.skipped);
  writer.flush();
  const manifest = same
    ? { node: before.manifestNode, sha256: before.manifestSha256 }
    : await makeManifest({ ...given, memory: { path: writer.newPath, scope }, skipped });

  const nodes = [{ name: MANIFEST_FOLDER, json: () => manifest.node }, ...stack.root];
  nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
  const root = encodeTree(nodes.map(({ json }) => json()));
  const tree = idOf(root);
  if (!sealers.hasTree(tree)) storeTree(root); // an unchanged source starts no thread
  await Promise.all(trees);
  return {
    tree,
    manifest,
    files: reading.files,
    bytes: reading.bytes,
    bytesRead: reading.bytesRead,
    troubles: reading.troubles,
    skipped,
    commitMemory: () => writer.commit(),
  };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
