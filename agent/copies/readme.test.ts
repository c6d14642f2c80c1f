import { describe, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import { readmeNotes } from "./readme.ts";

describe("readmeNotes", () => {
  it.each(readmeNotes())("$name opens in any editor and says the steps", ({ bytes }) => {
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    expect(text).not.toMatch(/(?<!\r)\n/);
    expect(text).not.toContain("\uFFFD");
    expect(text).toMatch(/restic -r "[^"]+" --no-lock restore latest --target "[^"]+"/);
    expect(text).toContain("sha256sum -c .mikura/SHA256SUMS");
    for (const line of text.split("\r\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("has names that a store takes", async () => {
    const store = createMemoryStore();
    for (const { name, bytes } of readmeNotes()) {
      await store.writeNote(name, bytes);
      expect(name).toBe(name.normalize("NFC"));
    }
    expect([...store.files.keys()]).toEqual([
      "mikura/READ-ME-FIRST.txt",
      "mikura/はじめに読む.txt",
    ]);
  });
});
