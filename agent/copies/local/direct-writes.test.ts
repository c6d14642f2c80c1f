import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { misalignment } from "../../base/libc.ts";
import { DIRECT_BLOCK, DirectWrites } from "./direct-writes.ts";

const MIB = 1024 * 1024;
const EXT4 = 0xef53;

// Beside the project, which lies on a real disk; the folder for temporary files may be memory.
const folder = mkdtempSync(join(import.meta.dirname, "../../../node_modules/.direct-writes-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** `bytes` of memory that begins `behind` a block, filled with what tells every place. */
function memory(bytes: number, behind = 0): Buffer {
  const all = Buffer.allocUnsafeSlow(bytes + 2 * DIRECT_BLOCK);
  const start = DIRECT_BLOCK - misalignment(all, DIRECT_BLOCK) + behind;
  const part = all.subarray(start, start + bytes);
  for (let i = 0; i < bytes; i++) part[i] = (i * 31 + (i >>> 12)) & 0xff;
  return part;
}

/** Writes as `writeFile` does, and says how many bytes went past the cache at each call. */
async function written(path: string, bytes: Buffer): Promise<(number | undefined)[]> {
  const handle = await open(path, "wx");
  const direct = new DirectWrites(handle, path);
  const steps: (number | undefined)[] = [];
  for (let done = 0; done < bytes.length;) {
    const n = await direct.write(bytes.subarray(done), done);
    steps.push(n);
    done += n ?? (await handle.write(bytes, done, bytes.length - done, done)).bytesWritten;
  }
  await handle.sync();
  await handle.close();
  return steps;
}

describe("DirectWrites", () => {
  const able = statfsSync(folder).type === EXT4;

  it("writes whole blocks past the page cache, and the end through it", async () => {
    const bytes = memory(3 * MIB + 100);
    const path = join(folder, "large");
    expect(await written(path, bytes)).toEqual(able ? [3 * MIB, undefined] : [undefined]);
    const args = ["--bytes", "--noheadings", "--output", "RES", path];
    const cached = Number(execFileSync("fincore", args, { encoding: "utf8" }));
    if (able) expect(cached).toBeLessThanOrEqual(DIRECT_BLOCK);
    expect(readFileSync(path)).toEqual(bytes);
  });

  test.each([
    ["that does not begin at a block", memory(3 * MIB, 512)],
    ["that is small", memory(MIB - 1)],
  ])("leaves memory %s to an ordinary write", async (name, bytes) => {
    const path = join(folder, name);
    expect(await written(path, bytes)).toEqual([undefined]);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it("leaves a file system that it does not know to an ordinary write", async () => {
    const bytes = memory(2 * MIB);
    const shared = mkdtempSync("/dev/shm/mikura-");
    expect(await written(join(shared, "large"), bytes)).toEqual([undefined]);
    expect(readFileSync(join(shared, "large"))).toEqual(bytes);
    rmSync(shared, { recursive: true });
  });
});
