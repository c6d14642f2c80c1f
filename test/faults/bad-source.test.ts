import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workbench } from "../e2e/workbench.ts";
import {
  asNobody,
  dice,
  mikuraUnder,
  restoreDifferences,
  smallCompany,
  someBytes,
  twinOf,
} from "./lab.ts";

let sound: Workbench;
beforeAll(async () => {
  sound = await smallCompany();
});
afterAll(() => sound[Symbol.dispose]());

const CAN_TRACE = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
if (!CAN_TRACE) console.warn("Left out: reading errors, since strace cannot run here.");

/** A program that does something to a file over and over, as fast as it can. */
function meddle(script: string, ...args: readonly string[]): Disposable {
  const child = spawn(process.execPath, ["-e", script, ...args], { stdio: "inherit" });
  return { [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

describe("a source folder", () => {
  it("that is missing makes no snapshot, and the other datasets' are made", async () => {
    using bench = await smallCompany({ datasets: { books: ["source"], letters: ["letters"] } });
    rmSync(join(bench.path, "letters"), { recursive: true });
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code).toBe(3);
    const [books, letters] = ran.json.datasets;
    expect(books.snapshot).toMatch(/^[0-9a-f]{64}$/);
    expect([letters.snapshot, letters.error.code]).toEqual([null, "source-missing"]);
    expect(letters.error.message).toContain(join(bench.path, "letters"));
  });

  it("that is missing when there is no other fails the backup, with the copies unchanged", async () => {
    using bench = twinOf(sound);
    rmSync(bench.source, { recursive: true });
    const ran = await bench.mikura("backup");
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).toContain(`The folder ${bench.source}`);
    expect(await restoreDifferences(bench, "office", { source: sound.source })).toEqual([]);
  });

  it("that is a file is refused by name", async () => {
    using bench = twinOf(sound);
    rmSync(bench.source, { recursive: true });
    writeFileSync(bench.source, "");
    const ran = await bench.mikura("backup", "--json");
    expect([ran.code, ran.json.datasets[0].error.code]).toEqual([1, "source-unreadable"]);
  });
});

describe("what cannot be read", () => {
  it("is listed by name, the snapshot has all the rest, and the exit code is 3", async () => {
    using bench = twinOf(sound);
    mkdirSync(join(bench.source, "closed"));
    writeFileSync(join(bench.source, "closed/inside.txt"), "inside");
    writeFileSync(join(bench.source, "secret.xlsx"), "secret");
    const under = asNobody(bench);
    for (const name of ["closed", "secret.xlsx"]) {
      if (under.length > 0) chownSync(join(bench.source, name), 0, 0);
      chmodSync(join(bench.source, name), 0);
    }
    const ran = await mikuraUnder(under, bench, "backup", "--json");
    expect(ran.code).toBe(3);
    const [books] = ran.json.datasets;
    expect(books.files.unreadable).toBe(2);
    expect(books.troubles).toEqual([
      { path: join(bench.source, "closed"), why: "EACCES" },
      { path: join(bench.source, "secret.xlsx"), why: "EACCES" },
    ]);
    expect(ran.json.copies.map(({ state }: { state: string }) => state)).not.toContain("failed");

    const again = await mikuraUnder(under, bench, "backup");
    expect(again.code).toBe(3); // and it is said each time
    expect(again.stdout).toContain(join(bench.source, "secret.xlsx"));

    const to = bench.newFolder();
    const back = await mikuraUnder(under, bench, "restore", "--copy", "home", "--to", to);
    expect(back.code).toBe(0);
    expect(readFileSync(join(to, bench.source, "balance.csv"), "utf8")).toContain("120000");
  });

  it.runIf(CAN_TRACE)("since the disk fails (EIO) is listed by name as well", async () => {
    using bench = twinOf(sound);
    const path = join(bench.source, "bad-sector.db");
    writeFileSync(path, someBytes(dice(2), 5000));
    const fault = ["-e", "trace=read,pread64", "-e", "inject=read,pread64:error=EIO", "-P", path];
    const strace = ["strace", "-f", "-qq", "-o", join(bench.path, "trace"), ...fault];
    const ran = await mikuraUnder(strace, bench, "backup", "--json");
    expect(ran.code).toBe(3);
    expect(ran.json.datasets[0].troubles).toEqual([{ path, why: "EIO" }]);
    expect(ran.json.datasets[0].snapshot).not.toBeNull();
  });
});

describe("a file that changes while it is read", () => {
  it("is kept, said to have changed, and restores as it was recorded", async () => {
    using bench = twinOf(sound);
    const path = join(bench.source, "ledger.db");
    writeFileSync(path, someBytes(dice(3), 30_000_000));
    using _ = meddle(
      `const fs = require("node:fs"); const fd = fs.openSync(process.argv[1], "r+");
       for (let n = 0; ; n++) fs.writeSync(fd, String(n % 10), (n * 4099) % 30_000_000);`,
      path,
    );
    const ran = await bench.mikura("backup", "--json");
    expect(ran.code).toBe(3);
    expect(ran.json.datasets[0].troubles).toEqual([{ path, why: "CHANGING" }]);
    const back = await bench.mikura("restore", "--copy", "home", "--to", "out", "--json");
    expect([back.code, back.json.manifest, back.json.wrong]).toEqual([0, "known", []]);
  });

  it("and one that comes and goes, grows and shrinks, never spoils the rest", async () => {
    using bench = twinOf(sound);
    const folder = join(bench.source, "restless");
    mkdirSync(folder);
    using _ = meddle(
      `const fs = require("node:fs"); const at = (n) => process.argv[1] + "/" + n;
       for (let n = 0; ; n++) {
         fs.writeFileSync(at("size"), Buffer.alloc((n * 7919) % 3_000_000, "x"));
         fs.rmSync(at("gone"), { force: true });
         fs.rmSync(at("turns"), { recursive: true, force: true });
         if (n % 3 === 0) fs.writeFileSync(at("gone"), String(n));
         if (n % 3 === 1) fs.mkdirSync(at("turns")); else fs.symlinkSync("/etc/passwd", at("turns"));
       }`,
      folder,
    );
    for (let round = 0; round < 3; round++) {
      const ran = await bench.mikura("backup", "--json");
      expect([0, 3]).toContain(ran.code);
      for (const { path } of ran.json.datasets[0].troubles ?? []) expect(path).toContain(folder);
      const to = bench.newFolder();
      const back = await bench.mikura("restore", "--copy", "office", "--to", to, "--json");
      expect([back.code, back.json.wrong]).toEqual([0, []]);
      const restored = join(to, bench.source);
      expect(readFileSync(join(restored, "balance.csv"))).toEqual(
        readFileSync(join(bench.source, "balance.csv")),
      );
    }
  });
});
