import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawFromText, rawJoin, rawToBytes, rawToExactText } from "../../agent/base/raw-name.ts";
import { NASTY_NAMES, fillLinks, fillModes, fillNames, noise } from "../e2e/nasty-source.ts";
import { treeDifferences } from "../e2e/same-tree.ts";
import { COPIES, Workbench } from "../e2e/workbench.ts";
import { NO_RESTIC } from "./restic.ts";

interface Item {
  readonly message_type: string;
  readonly action?: string;
  readonly item?: string;
}

describe.skipIf(NO_RESTIC !== undefined)("a vault in the hands of restic", () => {
  let bench: Workbench;
  /** Ids of the two snapshots, the older first. */
  const snapshots: string[] = [];

  beforeAll(async () => {
    bench = new Workbench();
    const { source } = bench;
    for (const part of ["links", "modes", "names", "books"]) mkdirSync(join(source, part));
    fillLinks(join(source, "links"));
    fillModes(join(source, "modes"));
    fillNames(join(source, "names"));
    // restic 0.14 keeps link targets as text and loses those that are no UTF-8, whoever wrote them.
    for (const name of NASTY_NAMES.filter((raw) => rawToExactText(raw) === undefined))
      rmSync(rawToBytes(rawJoin(rawFromText(join(source, "names/links")), name)));
    for (let i = 0; i < 300; i++)
      writeFileSync(join(source, "books", `残高 ${i}.csv`), `${i},得意先,${i * 1000}\n`.repeat(i));
    writeFileSync(join(source, "books", "large"), noise("large", 9_000_000));
    await bench.init();
    await backup();
    appendFileSync(join(source, "books", "残高 7.csv"), "one line more\n");
    renameSync(join(source, "books", "残高 8.csv"), join(source, "books", "renamed.csv"));
    for (let i = 100; i < 200; i++) rmSync(join(source, "books", `残高 ${i}.csv`));
    rmSync(join(source, "books", "large"));
    await backup();
  });
  afterAll(() => bench[Symbol.dispose]());

  async function backup(): Promise<void> {
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.json.datasets[0].files.unreadable).toBe(0);
    snapshots.push(ran.json.datasets[0].snapshot);
  }

  describe.each(COPIES)("in the copy %s", (copy) => {
    test.each(["key", "code"] as const)("`check --read-data` is clean, opened by %s", (by) => {
      const said = bench.restic(copy, ["check", "--read-data"], by).toString();
      expect(said).toContain("no errors were found");
      expect(said).not.toMatch(/warning|hint|mixed|duplicate/i);
    });

    test("`restore` gives back the source as it is, and `sha256sum -c` agrees", () => {
      const target = bench.newFolder();
      bench.restic(copy, ["restore", "latest", "--target", target], "code");
      const restored = join(target, bench.source);
      expect(treeDifferences(bench.source, restored)).toEqual([]);
      const sums = spawnSync("sha256sum", ["--strict", "-c", ".mikura/SHA256SUMS"], {
        cwd: target,
      });
      expect(sums.stderr.toString()).toBe("");
      expect(sums.status).toBe(0);
      const files = treeFiles(restored);
      expect(files).toBeGreaterThan(250);
      expect(sums.stdout.toString().match(/: OK$/gm)).toHaveLength(files);
    });

    test("`diff` of our two snapshots names what changed and nothing else", () => {
      const said = bench.restic(copy, ["diff", "--json", ...snapshots]).toString();
      const changes = said
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { message_type: string; path: string; modifier: string })
        .filter(({ message_type }) => message_type === "change")
        .filter(({ path }) => path.startsWith(bench.source))
        .map(({ path, modifier }) => `${modifier} ${path.slice(bench.source.length + 1)}`);
      expect(changes).toHaveLength(100 + 1 + 2 + 1);
      expect(changes).toContain("- books/残高 8.csv");
      expect(changes).toContain("+ books/renamed.csv");
      expect(changes).toContain("M books/残高 7.csv");
    });
  });

  test("`backup` upon our snapshot finds nothing new and nothing changed, and writes the same trees", () => {
    const [, parent] = snapshots;
    const args = ["--host", hostname(), "--parent", parent!, "--verbose=2", "--json"];
    const said = bench.restic("office", ["backup", ...args, bench.source]).toString();
    const items = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Item & Record<string, unknown>);
    const summary = items.find(({ message_type }) => message_type === "summary")!;
    expect(summary).toMatchObject({ files_new: 0, files_changed: 0, dirs_new: 0, data_blobs: 0 });
    expect(summary["files_unmodified"]).toBeGreaterThan(250);
    // The folders above the source live on while the tests run; all inside it is unchanged.
    const inside = items.filter(({ item }) => item?.startsWith(bench.source));
    expect(inside.length).toBeGreaterThan(300);
    expect(inside.filter(({ action }) => action !== "unchanged")).toEqual([]);
    expect(summary["dirs_changed"]).toBeLessThanOrEqual(bench.source.split("/").length - 2);

    const theirs = summary["snapshot_id"] as string;
    expect(sourceTree(theirs)).toBe(sourceTree(parent!));
    bench.restic("office", ["forget", "--prune", theirs]);
  });

  /** Tree of the source folder in a snapshot. */
  function sourceTree(snapshot: string): string {
    const cat = (id: string): { nodes: { name: string; subtree: string }[] } =>
      JSON.parse(bench.restic("office", ["cat", "blob", id]).toString());
    const { tree } = JSON.parse(
      bench.restic("office", ["cat", "snapshot", snapshot]).toString(),
    ) as { tree: string };
    return bench.source
      .split("/")
      .slice(1)
      .reduce((id, part) => cat(id).nodes.find(({ name }) => name === part)!.subtree, tree);
  }

  test("after `forget --prune` on one copy, that copy still verifies and restores", async () => {
    const packs = packsOf("branch");
    bench.restic("branch", ["forget", "--keep-last", "1", "--prune", "--max-unused", "0"]);
    expect(packsOf("branch")).not.toEqual(packs);

    const verified = await bench.mikura("verify", "--all", "--copy", "branch", "--json");
    expect(verified.code, verified.stdout).toBe(0);
    expect(verified.json.copies[0]).toMatchObject({ name: "branch", bad: [] });
    const listed = await bench.mikura("snapshots", "--copy", "branch", "--json");
    expect(listed.json.snapshots.map(({ id }: { id: string }) => id)).toEqual([snapshots[1]]);
    const target = bench.newFolder();
    const restored = await bench.mikura("restore", "--copy", "branch", "--to", target, "--json");
    expect(restored.code, restored.stdout).toBe(0);
    expect(restored.json).toMatchObject({ manifest: "known", wrong: [] });
    expect(treeDifferences(bench.source, join(target, bench.source))).toEqual([]);
  });

  test("after that, the next backup brings the copy up again, and restic finds all copies clean", async () => {
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    for (const copy of COPIES) {
      expect(bench.restic(copy, ["check", "--read-data"]).toString()).toContain("no errors");
      const target = bench.newFolder();
      const restored = await bench.mikura("restore", "--copy", copy, "--to", target, "--json");
      expect(restored.code, restored.stdout).toBe(0);
      expect(treeDifferences(bench.source, join(target, bench.source))).toEqual([]);
    }
  });

  function packsOf(copy: (typeof COPIES)[number]): string[] {
    return readdirSync(join(bench.copy(copy), "data"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.length > 3)
      .sort();
  }
});

function treeFiles(folder: string): number {
  return execFileSync("find", [folder, "-type", "f", "-printf", "x"]).length;
}
