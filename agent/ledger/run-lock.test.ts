import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunLock } from "./run-lock.ts";

let state: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "mikura-lock-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(state, { recursive: true });
});

/** Another process that takes the lock, says how that went, and lives until it is killed. */
async function other(): Promise<{ child: ChildProcess; said: string }> {
  const module = new URL("run-lock.ts", import.meta.url).href;
  const program = `
    const { RunLock } = await import(${JSON.stringify(module)});
    globalThis.held = RunLock.take(${JSON.stringify(state)});
    process.stdout.write(globalThis.held ? "taken" : "refused");
    setInterval(() => {}, 1000);`;
  const args = ["--input-type=module", "--eval", program];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: said.toString() };
}

describe("RunLock", () => {
  it("is refused at once to a second process while the first lives", async () => {
    expect((await other()).said).toBe("taken");
    expect((await other()).said).toBe("refused");
    const started = performance.now();
    expect(RunLock.take(state)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "is free again when its holder dies of %s",
    async (signal) => {
      const { child } = await other();
      expect(RunLock.take(state)).toBeUndefined();
      child.kill(signal);
      await once(child, "exit");
      using lock = RunLock.take(state);
      expect(lock).toBeDefined();
      expect((await other()).said).toBe("refused");
    },
  );

  it("is free again when it is given back, and refused within one process too", () => {
    const first = RunLock.take(state);
    expect(RunLock.take(state)).toBeUndefined();
    first![Symbol.dispose]();
    const second = RunLock.take(state);
    expect(second).toBeDefined();
    second![Symbol.dispose]();
  });

  it("makes the state folder where it is missing, and holds one state folder only", () => {
    using a = RunLock.take(join(state, "a/b"));
    using b = RunLock.take(join(state, "a/c"));
    expect([a, b].every(Boolean)).toBe(true);
  });

  it("throws where the lock cannot be made: no lock is never a free one", () => {
    writeFileSync(join(state, "file"), "x");
    const taking = (): RunLock | undefined => RunLock.take(join(state, "file/below"));
    expect(taking).toThrow(expect.objectContaining({ code: "state-damaged" }));
  });
});
