import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSource } from "../../agent/jobs/common/open-source.ts";
import { Workbench } from "../e2e/workbench.ts";
import { mikuraUnder, openPlace, writeSmallFiles } from "./lab.ts";

let bench: Workbench;
/** Every secret in every form in which it could slip out. */
const secrets = new Map<string, Buffer>();
/** Everything that was said. */
const said = new Map<string, string>();

beforeAll(async () => {
  bench = new Workbench();
  writeSmallFiles(bench.source);
  await bench.init(); // the one time that the recovery code is shown
  const key = readFileSync(bench.keyFile, "utf8").trim();
  const letters = bench.recoveryCode.replaceAll("-", "");
  await using place = await openPlace(bench);
  const { key: master } = await openSource(place, "home");
  const forms: Record<string, readonly (string | Buffer)[]> = {
    "agent key": [key, Buffer.from(key, "hex"), Buffer.from(key).toString("base64")],
    "recovery code": [bench.recoveryCode, letters, letters.toLowerCase()],
    "master key": [master.encrypt, master.macK, master.macR].flatMap((part) => [
      Buffer.from(part),
      part.toString("hex"),
      part.toString("base64"),
    ]),
  };
  for (const [name, list] of Object.entries(forms)) {
    list.forEach((form, i) => secrets.set(`${name} ${i}`, Buffer.from(form)));
  }
});
afterAll(() => bench[Symbol.dispose]());

function secretsIn(bytes: Buffer): string[] {
  return [...secrets].flatMap(([name, secret]) => (bytes.includes(secret) ? [name] : []));
}

/** Command lines and environments of a process and its children, as long as it lives. */
async function watched(command: string, ...args: readonly string[]): Promise<number> {
  const { child, ended } = bench.start(command, args);
  let looks = 0;
  const look = (pid: number): void => {
    for (const what of ["cmdline", "environ"]) {
      const text = readFileSync(`/proc/${pid}/${what}`);
      expect([command, what, secretsIn(text)]).toEqual([command, what, []]);
    }
    looks++;
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8");
      for (const one of children.split(" ").filter(Boolean)) look(Number(one));
    }
  };
  const timer = setInterval(() => {
    try {
      look(child.pid!);
    } catch (error) {
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }, 10);
  const ran = await ended;
  clearInterval(timer);
  said.set(`${command} ${args.join(" ")}`, ran.stdout + ran.stderr);
  return looks;
}

it("no secret is in what any command prints, nor in the list of processes", async () => {
  let looks = 0;
  for (const command of ["init", "check", "backup", "status", "verify", "drift", "drill"])
    looks += await watched(command, "--json");
  looks += await watched("restore", "--copy", "home", "--to", "out");
  looks += await watched("snapshots");
  expect(looks).toBeGreaterThan(20);

  // And where things go wrong, with the stack of an unforeseen error.
  writeFileSync(join(bench.path, "state/ledger.db"), "no ledger".repeat(1000));
  for (const command of ["init", "backup"]) await watched(command);
  await watched("run", "--once");
  for (const [command, text] of said)
    expect([command, secretsIn(Buffer.from(text))]).toEqual([command, []]);
});

it("no secret is in the state folder, the policy, a copy or what was restored", () => {
  const files = readdirSync(bench.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(20);
  for (const path of files) {
    if (path === bench.keyFile) continue;
    expect([path, secretsIn(readFileSync(path))]).toEqual([path, []]);
  }
});

it("the recovery code is shown once: never again by init, not by a second run", async () => {
  using other = new Workbench();
  const first = await mikuraUnder([], other, "init");
  expect(first.stdout).toMatch(/(?:[0-9A-Z]{5}-){6}[0-9A-Z]{5}/);
  const second = await mikuraUnder([], other, "init");
  expect(second.stdout).not.toMatch(/(?:[0-9A-Z]{5}-){3}/);
  const third = await mikuraUnder([], other, "init", "--json");
  expect(third.json.recovery_code).toBeNull();
});
