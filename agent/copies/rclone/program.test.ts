import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findRclone } from "./program.ts";

const at = { copy: "branch", place: "rclone branch:mikura" };
const missing = { code: "copy-failed", message: expect.stringContaining("not installed") };
let base: string;
beforeEach(async () => void (base = await mkdtemp(join(tmpdir(), "mikura-program-"))));
afterEach(() => rm(base, { recursive: true }));

async function program(below: string, mode = 0o755): Promise<string> {
  const path = join(base, below);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "");
  await chmod(path, mode);
  return path;
}

it("passes over npm's own rclone, what is no program, and folders without a root", async () => {
  await program("node_modules/.bin/rclone");
  const script = await program("lib/node_modules/rclone.js/bin/rclone.js");
  await mkdir(join(base, "linked"));
  await symlink(script, join(base, "linked", "rclone"));
  await program("plain/rclone", 0o644);
  await mkdir(join(base, "folder", "rclone"), { recursive: true });
  const real = await program("real/rclone");
  const folders = ["node_modules/.bin", "linked", "plain", "folder", "real"];
  const PATH = ["", ".", ...folders.map((folder) => join(base, folder))].join(":");
  expect(await findRclone({ PATH }, at)).toBe(real);
  await expect(findRclone({ PATH: PATH.replace("/real", "/none") }, at)).rejects.toMatchObject(
    missing,
  );
  await expect(findRclone({}, at)).rejects.toMatchObject(missing);
});

it("takes the one that is named, and no other in its place", async () => {
  const named = await program("other/rclone-1.75");
  const PATH = dirname(await program("real/rclone"));
  expect(await findRclone({ PATH, RCLONE_EXECUTABLE: named }, at)).toBe(named);
  const gone = findRclone({ PATH, RCLONE_EXECUTABLE: `${named}x` }, at);
  await expect(gone).rejects.toMatchObject(missing);
});
