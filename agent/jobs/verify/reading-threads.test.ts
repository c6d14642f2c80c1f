import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareLocal } from "../../copies/local/prepare.ts";
import { createLocalStore } from "../../copies/local/local-store.ts";
import { CONFIG } from "../../copies/store.ts";
import { idOf } from "../../vault/ids.ts";
import type { Reading, ToRead } from "./reading-messages.ts";
import { ReadingThreads } from "./reading-threads.ts";

let root: string;
let abort: AbortController;
let threads: ReadingThreads;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "mikura-reading-"));
  await prepareLocal({ copy: "nas", root });
  abort = new AbortController();
  threads = new ReadingThreads(abort.signal);
});
afterEach(async () => {
  await threads[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const pathOf = (name: string): string => join(root, "data", name.slice(0, 2), name);

async function put(bytes: Buffer): Promise<ToRead> {
  const name = idOf(bytes);
  await createLocalStore({ copy: "nas", root }).put({ kind: "data", name }, bytes);
  return { kind: "data", name, sha256: name };
}

async function readings(objects: readonly ToRead[], at = root): Promise<Reading[]> {
  const all: Reading[] = [];
  await threads.read({ copy: "nas", root: at }, objects, (i, reading) => {
    expect(all[i]).toBeUndefined();
    all[i] = reading;
  });
  return all;
}

describe("ReadingThreads", () => {
  it("calls good what hashes to its name, at any size around that of a piece", async () => {
    const piece = 256 * 1024;
    const sizes = [0, 1, piece - 1, piece, piece + 1, 3 * piece + 7];
    const objects = await Promise.all(sizes.map((size) => put(randomBytes(size))));
    expect(await readings(objects)).toEqual(sizes.map(() => "good"));
  });

  it("tells damaged, missing and unreadable objects apart", async () => {
    const good = await put(randomBytes(1000));
    const cut = await put(randomBytes(1000));
    chmodSync(pathOf(cut.name), 0o600);
    truncateSync(pathOf(cut.name), 999);
    const missing = { ...good, name: "0".repeat(64) };
    const link = { ...good, name: "f".repeat(64) };
    mkdirSync(join(root, "data", "ff"), { recursive: true });
    symlinkSync(pathOf(good.name), pathOf(link.name));
    const huge = await put(randomBytes(1001));
    chmodSync(pathOf(huge.name), 0o600);
    truncateSync(pathOf(huge.name), 2 ** 30 + 1);
    const [a, b, c, d, e] = await readings([good, cut, missing, link, huge]);
    expect([a, b, c]).toEqual(["good", "damaged", "missing"]);
    const unreadable = (words: string): object => ({
      unreadable: {
        en: expect.stringContaining(words) as string,
        ja: expect.any(String) as string,
      },
    });
    expect(d).toEqual(unreadable("not a plain file"));
    expect(e).toEqual(unreadable("too large"));
  });

  it("proves only the reading where no hash is known", async () => {
    await createLocalStore({ copy: "nas", root }).put(CONFIG, Buffer.from("any"));
    expect(await readings([{ ...CONFIG, sha256: undefined }])).toEqual(["good"]);
    expect(await readings([{ ...CONFIG, sha256: "0".repeat(64) }])).toEqual(["damaged"]);
  });

  it("reads several lists, and one copy's fault stays its own", async () => {
    const objects = await Promise.all(
      Array.from({ length: 40 }, (_, i) => put(Buffer.from(`object ${i}`))),
    );
    const away = readings(objects, join(root, "away"));
    const [here, empty, again] = [readings(objects), readings([]), readings(objects)];
    await expect(away).rejects.toMatchObject({ code: "copy-absent", exit: 1 });
    expect(await here).toEqual(objects.map(() => "good"));
    expect(await empty).toEqual([]);
    expect(await again).toEqual(objects.map(() => "good"));
  });

  it("ends at once when it is aborted", async () => {
    const large = await put(randomBytes(64 * 1024 * 1024));
    const reading = readings(Array.from({ length: 100 }, () => large));
    abort.abort(new Error("enough"));
    await expect(reading).rejects.toMatchObject({
      what: { en: expect.stringContaining("enough") },
    });
    await expect(readings([])).rejects.toThrow("enough");
    await using late = new ReadingThreads(abort.signal);
    await expect(late.read({ copy: "nas", root }, [large], () => {})).rejects.toThrow("enough");
  });
});
