import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { needSpace, prepareTarget, refuseForbidden } from "./target.ts";

let root: string;
let source: string;
let copy: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "mikura-target-")));
  [source, copy] = [join(root, "srv/ledger"), join(root, "nas/mikura")];
  for (const folder of ["srv/ledger/empty", "nas/mikura/empty", "empty", "full"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "full/file"), "precious");
  writeFileSync(join(root, "file"), "precious");
  symlinkSync("nas/mikura", join(root, "to-copy"));
  symlinkSync("nas/mikura/empty", join(root, "to-empty-in-copy"));
  symlinkSync("srv/ledger/new", join(root, "to-nowhere-in-source"));
  symlinkSync("empty", join(root, "to-empty"));
});
afterEach(() => rmSync(root, { recursive: true }));

const prepared = (name: string): Promise<string> => prepareTarget(join(root, name), [source, copy]);

describe("prepareTarget", () => {
  test.each([
    ["makes a folder that is missing, and those above it", "new/er", "new/er"],
    ["takes an empty folder", "empty", "empty"],
    ["takes a link to an empty folder, and gives its real path", "to-empty", "empty"],
    ["takes a folder whose name only begins like a forbidden one", "srv/ledger-2", "srv/ledger-2"],
    ["takes a folder beside the source", "srv/ledger/../new", "srv/new"],
  ])("%s", async (_what, name, real) => {
    expect(await prepared(name)).toBe(join(root, real));
    expect(readdirSync(join(root, real))).toEqual([]);
  });

  it("makes folders that only their owner can read", async () => {
    expect(statSync(await prepared("new")).mode & 0o777).toBe(0o700);
  });

  test.each([
    ["a folder that is not empty", "full", "target-not-empty", 2],
    ["the source", "srv/ledger", "target-failed", 2],
    ["an empty folder in the source", "srv/ledger/empty", "target-failed", 2],
    ["a new folder deep in a copy", "nas/mikura/a/b/c", "target-failed", 2],
    ["a way around into a copy", "full/../nas/mikura/x", "target-failed", 2],
    ["a folder below a link into a copy", "to-copy/new", "target-failed", 2],
    ["a link to an empty folder in a copy", "to-empty-in-copy", "target-failed", 2],
    ["a link to nothing yet in the source", "to-nowhere-in-source", "target-failed", 1],
    ["a file", "file", "target-failed", 1],
    ["a folder below a file", "file/below", "target-failed", 1],
  ])("refuses %s", async (_what, name, code, exit) => {
    await expect(prepared(name)).rejects.toMatchObject({ code, exit });
    expect(readdirSync(join(root, "full"))).toEqual(["file"]);
    expect(readdirSync(source)).toEqual(["empty"]);
    expect(readdirSync(copy)).toEqual(["empty"]);
  });

  it("refuses a source that is itself named by a link", async () => {
    symlinkSync("srv/ledger", join(root, "source-link"));
    const forbidden = [join(root, "source-link")];
    const into = prepareTarget(join(source, "new"), forbidden);
    await expect(into).rejects.toMatchObject({ code: "target-failed" });
    expect(existsSync(join(source, "new"))).toBe(false);
  });

  it("says of a folder that may not be written why", async () => {
    if (process.getuid!() === 0) process.seteuid!(65_534);
    try {
      chmodSyncQuietly(root);
      await expect(prepared("new")).rejects.toMatchObject({ code: "target-failed" });
      await expect(prepared("new")).rejects.toThrow("EACCES");
    } finally {
      if (process.getuid!() === 0) process.seteuid!(0);
      chmodSync(root, 0o700);
    }
  });
});

/** Takes the right to write away, where it is ours. */
function chmodSyncQuietly(folder: string): void {
  try {
    chmodSync(folder, 0o500);
  } catch {
    // another user's folder: it is closed already
  }
}

describe("refuseForbidden", () => {
  it("takes a file beside a copy and refuses one inside", async () => {
    await refuseForbidden(join(root, "nas/out.zip"), [copy]);
    await expect(refuseForbidden(join(copy, "out.zip"), [copy])).rejects.toThrow(copy);
    await expect(refuseForbidden(join(root, "to-copy/out.zip"), [copy])).rejects.toThrow(copy);
  });
});

describe("needSpace", () => {
  it("takes what fits and refuses what never does, with both figures", async () => {
    await needSpace(root, 0);
    await needSpace(root, 1);
    const never = needSpace(root, 2 ** 62);
    await expect(never).rejects.toMatchObject({ code: "target-failed", exit: 1 });
    await expect(never).rejects.toThrow(/4294967296\.0 GiB needed, \d+\.\d GiB free/);
  });
});
