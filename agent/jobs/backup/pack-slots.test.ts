import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { PackSlots } from "./pack-slots.ts";

const tick = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A thread that takes slots and reports each one's number. */
const THREAD = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(({ PackSlots }) => {
    const slots = new PackSlots(workerData.tables);
    for (let n = 0; n < workerData.times; n++) {
      const slot = slots.take();
      slots.bytes(slot).writeUInt8(100 + (n % 100), workerData.at);
      parentPort.postMessage(slot);
    }
  });
`;

/** A thread that takes slots and gives them back at once; it counts those that another one held. */
const RIVAL = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(({ PackSlots }) => {
    const slots = new PackSlots(workerData.tables);
    let clashes = 0;
    for (let n = 0; n < workerData.times; n++) {
      const slot = slots.take();
      if (Atomics.add(workerData.holders, slot, 1) !== 0) clashes++;
      Atomics.sub(workerData.holders, slot, 1);
      slots.release(slot);
    }
    parentPort.postMessage(clashes);
  });
`;

function taker(slots: PackSlots, times: number, at = 0): { worker: Worker; taken: number[] } {
  const taken: number[] = [];
  const module = new URL("pack-slots.ts", import.meta.url).href;
  const workerData = { module, tables: slots.tables, times, at };
  const worker = new Worker(THREAD, { eval: true, workerData });
  worker.on("message", (slot: number) => taken.push(slot));
  return { worker, taken };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited++) {
    if (waited > 20_000) throw new Error("waited in vain");
    await tick(1);
  }
}

describe("PackSlots", () => {
  it("gives each slot once until it is released", () => {
    const slots = PackSlots.create(3, 16);
    expect(slots.free).toBe(3);
    expect([slots.take(), slots.take(), slots.take()]).toEqual([0, 1, 2]);
    expect(slots.free).toBe(0);
    slots.release(1);
    expect(slots.free).toBe(1);
    expect(slots.take()).toBe(1);
  });

  it("gives every slot bytes of its own, the same for every holder of the tables", () => {
    const slots = PackSlots.create(2, 16);
    const other = new PackSlots(slots.tables);
    slots.bytes(0).fill(1);
    slots.bytes(1).fill(2);
    expect([...other.bytes(0)]).toEqual(Array.from({ length: 16 }, () => 1));
    expect([...other.bytes(1)]).toEqual(Array.from({ length: 16 }, () => 2));
    other.take();
    expect(slots.free).toBe(1);
  });

  it("holds a thread until another slot is released, and then gives it that one", async () => {
    const slots = PackSlots.create(2, 16);
    const { worker, taken } = taker(slots, 4);
    await until(() => taken.length === 2);
    await tick(50);
    expect(taken).toEqual([0, 1]);
    expect(slots.bytes(1)[0]).toBe(101);
    slots.release(1);
    await until(() => taken.length === 3);
    await tick(50);
    expect(taken).toEqual([0, 1, 1]);
    slots.release(0);
    await until(() => taken.length === 4);
    expect(taken).toEqual([0, 1, 1, 0]);
    expect([slots.bytes(0)[0], slots.bytes(1)[0]]).toEqual([103, 102]);
    await worker.terminate();
  });

  it("never gives one slot to two of four threads, and wakes all of them in the end", async () => {
    const slots = PackSlots.create(2, 16);
    const holders = new Int32Array(new SharedArrayBuffer(8));
    const module = new URL("pack-slots.ts", import.meta.url).href;
    const workerData = { module, tables: slots.tables, holders, times: 20_000 };
    const clashes = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const [found] = (await once(new Worker(RIVAL, { eval: true, workerData }), "message")) as [
          number,
        ];
        return found;
      }),
    );
    expect(clashes).toEqual([0, 0, 0, 0]);
    expect(slots.free).toBe(2);
  });
});
