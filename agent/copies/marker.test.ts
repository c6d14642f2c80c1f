import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stoppedClock } from "../base/clock.ts";
import {
  judgeMarker,
  MARKER_NOTE,
  newMarker,
  parseMarker,
  readMarker,
  writeMarker,
} from "./marker.ts";
import { createMemoryStore } from "./memory-store.ts";

const vault = "a".repeat(64);
const clock = stoppedClock(Date.UTC(2026, 10, 30, 10, 5));
const marker = newMarker({ vault, copy: "社長宅", clock });
const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe("marker", () => {
  it("comes back from a store as it was written", async () => {
    const store = createMemoryStore();
    expect(await readMarker(store, "社長宅")).toBeUndefined();
    await writeMarker(store, marker);
    expect(await readMarker(store, "社長宅")).toEqual(marker);
    expect([...store.files.keys()]).toEqual([`mikura/${MARKER_NOTE}`]);
    expect(marker).toMatchObject({ mikura: 1, made: "2026-11-30T10:05:00.000Z" });
  });

  it("has a new id each time", () => {
    expect(newMarker({ vault, copy: "a", clock }).id).not.toBe(
      newMarker({ vault, copy: "a", clock }).id,
    );
  });

  it("passes over fields it does not know", () => {
    expect(parseMarker(encode({ ...marker, later: true }), "c")).toEqual(marker);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["half of it", encode(marker).subarray(0, 60)],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["null", encode(null)],
    ["a list", encode([marker])],
    ["another version", encode({ ...marker, mikura: 2 })],
    ["a short vault", encode({ ...marker, vault: "aa" })],
    ["capitals in the vault", encode({ ...marker, vault: "A".repeat(64) })],
    ["no copy", encode({ ...marker, copy: "" })],
    ["a copy that is a number", encode({ ...marker, copy: 1 })],
    ["no id", encode({ ...marker, id: undefined })],
    ["a wrong time", encode({ ...marker, made: "2026-13-30T10:05:00Z" })],
    ["a time in words", encode({ ...marker, made: "yesterday" })],
  ])("does not believe %s", (_, bytes) => {
    expect(() => parseMarker(bytes, "home")).toThrow(
      expect.objectContaining({ code: "copy-failed", message: expect.stringContaining("home") }),
    );
  });

  it("throws nothing but its Fault, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(() => parseMarker(bytes, "home")).toThrow(
            expect.objectContaining({ code: "copy-failed" }),
          );
        },
      ),
    );
  });
});

describe("judgeMarker", () => {
  const expected = { vault, copy: "社長宅" };

  it("tells ours, absent and foreign apart", () => {
    expect(judgeMarker(marker, expected)).toBe("ours");
    expect(judgeMarker(marker, { ...expected, id: marker.id })).toBe("ours");
    expect(judgeMarker(undefined, expected)).toBe("absent");
    const foreign = (differs: string): unknown => ({ foreign: { differs, found: marker } });
    expect(judgeMarker(marker, { vault: "b".repeat(64), copy: "x" })).toEqual(foreign("vault"));
    expect(judgeMarker(marker, { vault, copy: "x" })).toEqual(foreign("copy"));
    expect(judgeMarker(marker, { ...expected, id: "0".repeat(32) })).toEqual(foreign("id"));
  });
});
