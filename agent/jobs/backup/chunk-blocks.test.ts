import { createCipheriv, hash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { gearTable } from "../../vault/chunker.ts";
import { BLOCK_BYTES, ChunkBlocks } from "./chunk-blocks.ts";
import { FileSealer } from "./seal-file.ts";

const key = { encrypt: Buffer.alloc(32, 7), macK: Buffer.alloc(16), macR: Buffer.alloc(16) };
const table = gearTable(key);
const content = createCipheriv("aes-128-ctr", Buffer.alloc(16, 9), Buffer.alloc(16)).update(
  Buffer.alloc(100_000_000),
);
const folder = mkdtempSync(join(tmpdir(), "mikura-blocks-"));
const path = join(folder, "売掛金.db");
writeFileSync(path, content);
afterAll(() => rmSync(folder, { recursive: true }));

/** A thread that helps when it is called, and tells which blobs it took. */
const HELPER = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(({ ChunkBlocks }) => {
    const blocks = new ChunkBlocks(workerData.tables);
    parentPort.once("message", () => {
      Atomics.add(workerData.here, 0, 1);
      Atomics.notify(workerData.here, 0);
      const taken = [];
      while (blocks.open) {
        const { events } = blocks;
        if (!blocks.work((id) => taken.push(id.toString("hex"))) && blocks.open) blocks.wait(events);
      }
      parentPort.postMessage(taken);
    });
    parentPort.postMessage("ready");
  });
`;

const hexes = (ids: Uint8Array): string[] => Buffer.from(ids).toString("hex").match(/.{64}/g) ?? [];

function sealed(sealer: FileSealer): { blobs: string[]; sha256: string } {
  const result = sealer.seal(Buffer.from(path));
  if (!result.ok) throw new Error(result.errno);
  return {
    blobs: hexes(result.content.blobs),
    sha256: Buffer.from(result.content.sha256).toString("hex"),
  };
}

describe("ChunkBlocks", () => {
  const alone = sealed(new FileSealer(table, () => {}));

  it("cuts and hashes a file alike with one block and with several", () => {
    const blocks = ChunkBlocks.create(3);
    const taken: string[] = [];
    const take = (id: Buffer): void => void taken.push(id.toString("hex"));
    expect(sealed(new FileSealer(table, take, { blocks, call: () => {} }))).toEqual(alone);
    expect(alone.sha256).toBe(hash("sha256", content));
    expect(taken.sort()).toEqual([...alone.blobs].sort());
  });

  it("gives every chunk to one thread, and keeps their order", async () => {
    const blocks = ChunkBlocks.create(3);
    const workerData = {
      module: new URL("chunk-blocks.ts", import.meta.url).href,
      tables: blocks.tables,
      here: new Int32Array(new SharedArrayBuffer(4)),
    };
    const helpers = [1, 2].map(() => new Worker(HELPER, { eval: true, workerData }));
    await Promise.all(helpers.map((helper) => once(helper, "message")));
    const results = Promise.all(helpers.map((helper) => once(helper, "message")));
    const own: string[] = [];
    const take = (id: Buffer): void => void own.push(id.toString("hex"));
    const call = (): void => {
      for (const helper of helpers) helper.postMessage("help");
      for (let n = 0; n < helpers.length; n = Atomics.load(workerData.here, 0))
        Atomics.wait(workerData.here, 0, n, 1000);
    };
    expect(sealed(new FileSealer(table, take, { blocks, call }))).toEqual(alone);
    const theirs = (await results).flatMap(([taken]) => taken as string[]);
    expect(theirs.length).toBeGreaterThan(0);
    expect([...own, ...theirs].sort()).toEqual([...alone.blobs].sort());
    expect(blocks.open).toBe(false);
  });

  it("has one reader at a time; a second file is sealed by its own thread", () => {
    const blocks = ChunkBlocks.create(3);
    expect(blocks.begin()).toBe(true);
    expect(blocks.begin()).toBe(false);
    let called = 0;
    const sealer = new FileSealer(table, () => {}, { blocks, call: () => void called++ });
    expect(sealed(sealer)).toEqual(alone);
    expect(called).toBe(0);
    blocks.end();
    expect(sealed(sealer)).toEqual(alone);
    expect(called).toBe(1);
  });

  it("counts a chunk as done whose sealing failed, so that nobody waits for it", () => {
    const blocks = ChunkBlocks.create(2);
    blocks.bytes(0).fill(1);
    blocks.publish(0, [1000, BLOCK_BYTES]);
    const failing = (): never => {
      throw new Error("self-check");
    };
    expect(() => blocks.work(failing)).toThrow("self-check");
    expect(blocks.collect(0, () => {})).toHaveLength(64);
    expect(blocks.work(failing)).toBe(false);
  });
});
