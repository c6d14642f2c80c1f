import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

// Ends a thread that loads native code at every moment of its loading.
const PROGRAM = `
(async () => {
  const { setTimeout } = require("node:timers/promises");
  const { Thread } = await import(${JSON.stringify(new URL("thread.ts", import.meta.url).href)});
  const module = new URL(${JSON.stringify(new URL("../restore/writer-thread.ts", import.meta.url).href)});
  const workerData = { key: { encrypt: new Uint8Array(32), macK: new Uint8Array(16), macR: new Uint8Array(16) }, owners: false };
  for (let round = 0; round < 100; round++) {
    const threads = [0, 1, 2].map(() => new Thread(module, { workerData, onMessage() {}, onError(e) { throw e; } }));
    await setTimeout(60 + (round % 50) * 2);
    await Promise.all(threads.map((thread) => thread.end()));
  }
  console.log("well");
})();
`;

it("can be ended at any moment and takes nothing down", () => {
  const ran = spawnSync(process.execPath, ["--eval", PROGRAM], {
    encoding: "utf8",
  });
  expect(ran.stdout + ran.stderr).toBe("well\n");
  expect(ran.status).toBe(0);
});
