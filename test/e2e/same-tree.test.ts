import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Trait, treeDifferences } from "./same-tree.ts";
import { CAN_MOUNT, COPIES, Workbench } from "./workbench.ts";

describe("the judge of trees", () => {
  let folder: string;
  let a: string;
  let b: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mikura-trees-"));
    [a, b] = [join(folder, "a"), join(folder, "b")];
    mkdirSync(join(a, "inner/empty"), { recursive: true });
    writeFileSync(join(a, "file"), "content");
    linkSync(join(a, "file"), join(a, "inner/twin"));
    writeFileSync(join(a, "inner/other"), "content");
    symlinkSync("file", join(a, "link"));
    writeFileSync(Buffer.concat([Buffer.from(`${a}/`), Buffer.of(0xff)]), "stray byte");
    execFileSync("cp", ["-a", a, b]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("a true copy is the same", () => {
    expect(treeDifferences(a, b)).toEqual([]);
  });

  const keepTimes = (path: string, work: () => void): void => {
    execFileSync("touch", ["-r", path, join(folder, "time")]);
    work();
    execFileSync("touch", ["--no-dereference", "-r", join(folder, "time"), path]);
  };
  test.each<[what: Trait, change: () => void]>([
    [
      "content",
      () =>
        keepTimes(join(b, "inner/other"), () => writeFileSync(join(b, "inner/other"), "CONTENT")),
    ],
    [
      "content",
      () => keepTimes(join(b, "inner/other"), () => appendFileSync(join(b, "inner/other"), ".")),
    ],
    ["mode", () => chmodSync(join(b, "inner/other"), 0o4644)],
    [
      "mtime",
      () => execFileSync("touch", ["-d", "2026-03-31T15:04:05.000000001", join(b, "inner/other")]),
    ],
    ["mtime", () => execFileSync("touch", ["-h", "-d", "2026-03-31", join(b, "link")])],
    ["mtime", () => execFileSync("touch", ["-d", "2026-03-31", join(b, "inner/empty")])],
    ["there", () => keepTimes(b, () => writeFileSync(join(b, "more"), ""))],
    [
      "there",
      () => keepTimes(join(b, "inner"), () => rmSync(join(b, "inner/empty"), { recursive: true })),
    ],
    ["type", () => keepTimes(b, () => relink(() => mkdirSync(join(b, "link"))))],
    ["content", () => keepTimes(b, () => relink(() => keepLinkTime("inner")))],
    ["link", () => keepTimes(join(b, "inner"), () => split())],
  ])("%s: one difference is one line", (what, change) => {
    change();
    const found = treeDifferences(a, b);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(` ${what}: `);
    expect(treeDifferences(a, b, { except: (_path, trait) => trait === what })).toEqual([]);
  });

  function relink(make: () => void): void {
    rmSync(join(b, "link"));
    make();
  }

  function keepLinkTime(target: string): void {
    symlinkSync(target, join(b, "link"));
    execFileSync("touch", ["-h", "-r", join(a, "link"), join(b, "link")]);
  }

  /** Makes the twin a file of its own. */
  function split(): void {
    execFileSync("cp", ["-p", join(b, "inner/twin"), join(b, "inner/alone")]);
    renameSync(join(b, "inner/alone"), join(b, "inner/twin"));
  }

  test.skipIf(process.getuid?.() !== 0)("owner: for root only", () => {
    chownSync(join(b, "inner/other"), 1, 2);
    expect(treeDifferences(a, b)).toEqual([expect.stringContaining(" owner: 0:0 1:2")]);
  });
});

test.skipIf(!CAN_MOUNT)(
  "the workbench makes three copies on disks of their own, without demo",
  async () => {
    using bench = new Workbench({ mounts: true });
    writeFileSync(join(bench.source, "book"), "one file");
    await bench.init();
    const backup = await bench.mikura("backup", "--json");
    expect(backup.code, backup.stderr).toBe(0);
    for (const copy of COPIES) {
      expect(bench.restic(copy, ["snapshots", "--json"], "code").toString()).toContain("books");
    }
    const check = await bench.mikura("check", "--json");
    expect(check.json.rules).toContainEqual(expect.objectContaining({ rule: "R1", met: true }));
  },
);
