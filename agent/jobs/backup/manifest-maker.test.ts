import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RawName, rawFromText, rawToText } from "../../base/raw-name.ts";
import { idOf } from "../../vault/ids.ts";
import { manifestEntries } from "../../vault/manifest.ts";
import { decodeTree } from "../../vault/tree-reader.ts";
import { makeManifest } from "./manifest-maker.ts";
import { ScanMemoryWriter } from "./scan-memory.ts";
import { STAT, STAT_WORDS, type SealedFiles } from "./seal-messages.ts";
import type { Sealers } from "./sealers.ts";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "mikura-manifest-"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

const stamp = (mode: number) => ({ mtime: 1_000_000_001n, ctime: 2n, inode: 3n, mode });
const content = (text: string) => ({
  size: BigInt(text.length),
  blobs: Buffer.alloc(32),
  sha256: createHash("sha256").update(text).digest(),
});

/** A scan of /srv/ledger with one of everything, as the memory has it. */
function memory(): { path: string; scope: string } {
  const path = join(scratch, "memory");
  const writer = new ScanMemoryWriter(path, "scope");
  const leave = (mode: number): void =>
    writer.leave({ ...stamp(mode), tree: Buffer.alloc(32), count: 0 });
  writer.enter(rawFromText("srv"), 1n);
  writer.enter(rawFromText("ledger"), 1n);
  writer.file("a\xff" as RawName, { ...stamp(0o640), ...content("odd") });
  writer.special(rawFromText("link"), { ...stamp(0o777), target: rawFromText("../売") });
  writer.special(rawFromText("pipe"), { ...stamp(0o600), target: undefined });
  writer.enter(rawFromText("sub"), 1n);
  writer.file(rawFromText("two\nlines"), { ...stamp(0o4755), ...content("") });
  leave(0o700);
  leave(0o755);
  leave(0o755);
  writer.commit();
  return { path, scope: "scope" };
}

interface Sealed {
  readonly paths: string[];
  readonly trees: Uint8Array[];
  bytes: number;
}

/** Sealing threads that only note what they are given; every file is one blob. */
function sealersOf(errors: ReadonlyMap<number, string> = new Map()): {
  sealers: Sealers;
  sealed: Sealed;
} {
  const sealed: Sealed = { paths: [], trees: [], bytes: 0 };
  const sealers = {
    async files(paths: readonly RawName[], bytes: number): Promise<SealedFiles> {
      sealed.paths.push(...paths.map(rawToText));
      sealed.bytes = bytes;
      const stats = new BigInt64Array(paths.length * STAT_WORDS);
      const hashes = paths.map((path) =>
        createHash("sha256")
          .update(readFileSync(rawToText(path)))
          .digest(),
      );
      paths.forEach((path, i) => {
        stats[i * STAT_WORDS + STAT.size] = BigInt(statSync(rawToText(path)).size);
        stats[i * STAT_WORDS + STAT.blobsEnd] = BigInt(i + 1);
        stats[i * STAT_WORDS + STAT.inode] = 99n;
      });
      const flat = new Uint8Array(Buffer.concat(hashes));
      return { stats, sha256: flat, blobs: flat, errors };
    },
    trees: async (trees: readonly Uint8Array[]) => void sealed.trees.push(...trees),
  };
  return { sealers: sealers as unknown as Sealers, sealed };
}

const given = (sealers: Sealers) => ({
  source: { folders: [rawFromText("/srv/ledger")], exclude: [], scratch },
  memory: memory(),
  skipped: ["/srv/ledger/closed"],
  owners: { user: () => undefined, group: () => undefined },
  timeNs: 5n,
  sealers,
});

describe("makeManifest", () => {
  it("writes what the scan saw inside the dataset's folder, and nothing above it", async () => {
    await makeManifest(given(sealersOf().sealers));
    const json = readFileSync(join(scratch, "manifest.json"));
    const entries = [...manifestEntries(json)];
    expect(entries.map(({ path, type, mode }) => [path, type, mode])).toEqual([
      ["srv/ledger/a\xff", "file", 0o640],
      ["srv/ledger/link", "symlink", 0o777],
      ["srv/ledger/pipe", "other", 0o600],
      ["srv/ledger/sub/two\nlines", "file", 0o4755],
      ["srv/ledger/sub", "dir", 0o700],
      ["srv/ledger", "dir", 0o755],
    ]);
    const sha256 = createHash("sha256").update("odd").digest("hex");
    expect(entries[0]).toMatchObject({ size: 3, sha256, mtime: 1_000_000_001n });
    expect(entries[1]!.target).toBe(rawFromText("../売"));
    expect((JSON.parse(json.toString()) as { skipped: string[] }).skipped).toEqual([
      "/srv/ledger/closed",
    ]);
    const sums = readFileSync(join(scratch, "SHA256SUMS"), "latin1").split("\n");
    expect(sums).toHaveLength(3);
    expect(sums[0]).toBe(`${sha256}  srv/ledger/a\xff`);
    expect(sums[1]).toMatch(/^\\[0-9a-f]{64} {2}srv\/ledger\/sub\/two\\nlines$/);
  });

  it("stores both files in a folder whose times are the snapshot's and which has no inode", async () => {
    const { sealers, sealed } = sealersOf();
    const { node, sha256 } = await makeManifest(given(sealers));
    expect(sealed.paths).toEqual([join(scratch, "SHA256SUMS"), join(scratch, "manifest.json")]);
    expect(sha256).toBe(idOf(readFileSync(join(scratch, "manifest.json"))));
    const files = decodeTree(sealed.trees[0]!);
    expect(files.map(({ name }) => name)).toEqual(["SHA256SUMS", "manifest.json"]);
    expect(files[1]).toMatchObject({ content: [sha256], mtime: 5n, inode: 0n, links: 1n });
    const folder = decodeTree(Buffer.from(`{"nodes":[${node}]}`))[0];
    const subtree = idOf(sealed.trees[0]!);
    expect(folder).toMatchObject({ name: ".mikura", type: "dir", subtree, mtime: 5n, inode: 0n });
  });

  it("tells the threads how large the files are, so that there is room in the index", async () => {
    const { sealers, sealed } = sealersOf();
    await makeManifest(given(sealers));
    expect(sealed.bytes).toBe(sealed.paths.reduce((sum, path) => sum + statSync(path).size, 0));
  });

  it("throws where a file that was just written cannot be read", async () => {
    const { sealers } = sealersOf(new Map([[1, "EIO"]]));
    await expect(makeManifest(given(sealers))).rejects.toMatchObject({ code: "state-damaged" });
  });
});
