import { expect, it } from "vitest";
import { RcloneLog } from "./rclone-log.ts";

const line = (level: string, msg: string, object = ""): string =>
  `${JSON.stringify({ level, msg, object })}\n`;

it("keeps what went wrong and what was not met, and passes over the rest", () => {
  const log = new RcloneLog();
  log.take(line("debug", "GET data/x", "disk") + line("info", "Creating repository"));
  log.take(line("debug", "HEAD request error: object not found", "config"));
  log.take(line("error", "Post request put error: disk full", "data/x"));
  log.take(line("notice", "Can't follow symlink without -L/--copy-links", "data/y"));
  log.take("2026/11/22 05:36:52 Failed to create file system");
  log.end();
  expect(log.since(0).map(({ error, object }) => [error, object])).toEqual([
    [false, "config"],
    [true, "data/x"],
    [true, "data/y"],
    [true, ""],
  ]);
  expect(log.said(2)).toBe(
    "Can't follow symlink without -L/--copy-links; Failed to create file system",
  );
});

it("reads lines that arrive in pieces", async () => {
  const log = new RcloneLog();
  const found = log.find(0, ({ object }) => object === "data/x", 60_000);
  for (const char of line("error", "Delete request remove error: no", "data/x")) log.take(char);
  expect((await found)?.message).toContain("Delete request");
  expect(await log.find(log.mark, () => true, 1)).toBeUndefined();
});

it("does not lose an error among thousands of misses, and does not grow", () => {
  const log = new RcloneLog();
  log.take(line("error", "error listing: permission denied", "data/aa"));
  for (let n = 0; n < 5000; n++)
    log.take(line("debug", "GET request error: object not found", "x"));
  log.take("x".repeat(1_000_000));
  expect(log.since(0)[0]).toMatchObject({ error: true, object: "data/aa" });
  expect(log.since(0).length).toBeLessThan(1000);
  expect(log.said().length).toBeLessThanOrEqual(4096);
});
