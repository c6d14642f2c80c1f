import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { Dataset } from "../../policy/policy.ts";
import { sourceFolders } from "./source-folders.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "mikura-source-")));
  for (const folder of ["b", "a/inner", "a-2", "away/real"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "file"), "x");
});
afterEach(() => rmSync(root, { recursive: true }));

const found = async (...names: string[]): Promise<string[]> => {
  const folders = names.map((name) => join(root, name));
  const dataset = { name: "ar", title: "売掛金", folders } as unknown as Dataset;
  return (await sourceFolders(dataset)).map((path) => path.slice(root.length + 1));
};

describe("sourceFolders", () => {
  it("gives folders in order, each once", async () => {
    expect(await found("b", "a", "a-2", "b/")).toEqual(["a", "a-2", "b"]);
  });

  it("gives a link's real place, so that the link itself is never the root of a snapshot", async () => {
    symlinkSync("away", join(root, "link"));
    symlinkSync("link/real", join(root, "link-2"));
    expect(await found("link-2", "b")).toEqual(["away/real", "b"]);
  });

  it("keeps the outer of two folders, and tells a folder from one whose name begins the same", async () => {
    symlinkSync("a/inner", join(root, "into"));
    expect(await found("into", "a-2", "a")).toEqual(["a", "a-2"]);
  });

  test.each([
    ["is not there", "missing", "source-missing"],
    ["is a link to nowhere", "dangling", "source-missing"],
    ["is a file", "file", "source-unreadable"],
    ["is a link to itself", "loop", "source-unreadable"],
  ])("throws where one %s, and names it", async (_what, name, code) => {
    symlinkSync("nowhere", join(root, "dangling"));
    symlinkSync("loop", join(root, "loop"));
    const fault = found("a", name);
    await expect(fault).rejects.toMatchObject({ code });
    await expect(fault).rejects.toThrow(join(root, name));
  });
});
