import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { formatAgentKey, makeAgentKey, parseAgentKey } from "./agent-key.ts";

const key = makeAgentKey(randomBytes);

test("256 bits as hex, one line", () => {
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(formatAgentKey(key)).toBe(`${key}\n`);
});

test("what editors add does no harm", () => {
  for (const text of [key, `${key}\n`, `${key}\r\n`, `\uFEFF${key}\r\n`, ` ${key} \n\n`]) {
    expect(parseAgentKey(text)).toBe(key);
  }
});

test("anything else is no agent key", () => {
  for (const text of [
    "",
    "\n",
    key.slice(1),
    `${key}0`,
    key.replace(/^./, "g"),
    `${key}\n${key}`,
  ]) {
    expect(parseAgentKey(text)).toBeUndefined();
  }
  expect(parseAgentKey("AB".repeat(32))).toBeUndefined();
});
