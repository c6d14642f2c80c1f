import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FAR_FUTURE,
  NASTY_NAMES,
  fillLinks,
  fillModes,
  fillNames,
  fillHoles,
  fillSizes,
  fillSpecials,
  fillTimes,
} from "../e2e/nasty-source.ts";
import { type SameTreeOptions, treeDifferences } from "../e2e/same-tree.ts";
import { Workbench } from "../e2e/workbench.ts";
import { NO_RESTIC } from "./restic.ts";

const PARTS = {
  names: fillNames,
  links: fillLinks,
  modes: fillModes,
  times: fillTimes,
  sizes: fillSizes,
  holes: fillHoles,
  specials: fillSpecials,
};
type Part = keyof typeof PARTS;

/** What restic 0.14 itself cannot give back, from its own repositories either. */
const LOST_BY_RESTIC: Partial<Record<Part, SameTreeOptions>> = {
  // oxlint-disable-next-line no-control-regex -- link targets that are no UTF-8
  names: { except: (path) => /^links\/.*[\x80-\xff]/.test(path) },
  times: { except: (path, what) => what === "mtime" && path.endsWith(FAR_FUTURE) },
};

describe("names are bytes and files are files", () => {
  let bench: Workbench;
  let server: Disposable | undefined;
  let ours: string;

  beforeAll(async () => {
    bench = new Workbench();
    for (const [part, fill] of Object.entries(PARTS)) {
      const folder = join(bench.source, part);
      mkdirSync(folder);
      server = (await fill(folder)) ?? server;
    }
    await bench.init();
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.json.datasets[0].files.unreadable).toBe(0);
    const target = bench.newFolder();
    const restored = await bench.mikura("restore", "--copy", "home", "--to", target, "--json");
    expect(restored.code, restored.stdout + restored.stderr).toBe(0);
    expect(restored.json).toMatchObject({ manifest: "known", wrong: [] });
    ours = join(target, bench.source);
  });
  afterAll(() => {
    server?.[Symbol.dispose]();
    bench[Symbol.dispose]();
  });

  test.each(Object.keys(PARTS) as Part[])("our restore gives back all %s exactly", (part) => {
    expect(treeDifferences(join(bench.source, part), join(ours, part))).toEqual([]);
  });

  test("nothing is there but what was in the source", () => {
    expect(treeDifferences(bench.source, ours)).toEqual([]);
    expect(readdirSync(join(ours, "names/files"))).toHaveLength(NASTY_NAMES.length);
    expect(readdirSync(join(ours, "specials"))).not.toContain("socket");
  });

  test("holes stay holes", () => {
    for (const name of ["hole only", "hole at the end", "hole before", "islands"]) {
      const [a, b] = [bench.source, ours].map((root) => lstatSync(join(root, "holes", name)));
      // Up to 64 KiB on either side of an island may be written out.
      expect(b!.blocks * 512, name).toBeLessThanOrEqual(a!.blocks * 512 + 4 * 128 * 1024);
    }
    expect(lstatSync(join(ours, "holes/zeros")).blocks).toBeLessThanOrEqual(8);
  });

  test("what was restored is its own file, not a link to anything of the source", () => {
    const of = (root: string): number => lstatSync(join(root, "links/file")).ino;
    expect(of(ours)).not.toBe(of(bench.source));
    expect(lstatSync(join(ours, "links/file")).nlink).toBe(3);
  });

  test("`sha256sum -c` agrees with every name", () => {
    const root = ours.slice(0, -bench.source.length);
    execFileSync("sha256sum", ["--strict", "--quiet", "-c", ".mikura/SHA256SUMS"], {
      cwd: root,
      stdio: "pipe",
    });
  });

  test("a second backup reads nothing again, and a third copy restores the same", async () => {
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code).toBe(0);
    expect(ran.json.datasets[0].files).toMatchObject({ new: 0, changed: 0 });
    expect(ran.json.datasets[0].bytes.read).toBe(0);
    const target = bench.newFolder();
    expect((await bench.mikura("restore", "--copy", "branch", "--to", target)).code).toBe(0);
    expect(treeDifferences(bench.source, join(target, bench.source))).toEqual([]);
  });

  test("one file of a nasty name is restored alone by its name", async () => {
    for (const name of ["names/files/new\nline", "names/folders/か\u3099.txt", "links/inner"]) {
      const target = bench.newFolder();
      const path = join(bench.source, name);
      const ran = await bench.mikura("restore", "--copy", "office", "--to", target, path);
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      expect(treeDifferences(path, join(target, path), LONE)).toEqual([]);
      expect(readdirSync(join(target, bench.source))).toEqual([name.split("/")[0]]);
    }
  });

  test.skipIf(NO_RESTIC !== undefined)(
    "restic gives back the same from our vault, but for what restic 0.14 cannot hold",
    () => {
      const target = bench.newFolder();
      bench.restic("office", ["restore", "latest", "--target", target, "--verify"]);
      for (const part of Object.keys(PARTS) as Part[]) {
        const [a, b] = [bench.source, join(target, bench.source)].map((at) => join(at, part));
        expect(treeDifferences(a!, b!, LOST_BY_RESTIC[part]), part).toEqual([]);
      }
    },
  );
});

/** A file restored alone has not the other names of its inode. */
const LONE: SameTreeOptions = { except: (_path, what) => what === "link" };
