import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { VERSION } from "../../agent/base/version.ts";

/* What the README's first command starts, as a new user meets it. */

const PROJECT = join(import.meta.dirname, "../..");

let folder: string;
let launcher: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mikura-launcher-"));
  launcher = join(folder, "mikura");
  symlinkSync(join(PROJECT, "bin/mikura"), launcher);
  cpSync(join(PROJECT, "policies/quickstart.yaml"), join(folder, "policies/quickstart.yaml"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("is what npm start and the installed command run", () => {
  const { bin, scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));
  expect(bin).toEqual({ mikura: "bin/mikura" });
  expect(scripts.start).toBe("bin/mikura run --policy policies/quickstart.yaml");
});

it("starts through a link, from any folder, with its own Node", () => {
  const env = { ...process.env, PATH: "/usr/bin:/bin" };
  const said = execFileSync(launcher, ["--version"], { cwd: tmpdir(), env, encoding: "utf8" });
  expect(said).toBe(`mikura ${VERSION}\n`);
});

it("proves the practice company, waits, and ends at Ctrl-C at once", async () => {
  const args = ["run", "--policy", "policies/quickstart.yaml"];
  const child = spawn(launcher, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  let said = "";
  child.stdout.on("data", (part: Buffer) => (said += part.toString()));
  for await (const line of createInterface(child.stderr)) if (line.includes("Ctrl-C")) break;
  expect(said.match(/実証済/g)).toHaveLength(6); // three drills, then the screen
  const begun = Date.now();
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
  expect(Date.now() - begun).toBeLessThan(2000);
});
