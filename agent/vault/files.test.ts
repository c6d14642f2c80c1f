import { randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { openFile, sealFile } from "./files.ts";
import { generateMasterKey } from "./master-key.ts";
import { open, seal } from "./seal.ts";

const key = generateMasterKey(randomBytes);
const sealed = (...parts: (string | Uint8Array)[]): Buffer =>
  seal(key, Buffer.concat(parts.map((part) => Buffer.from(part as string))));

describe("sealFile", () => {
  it("makes a file that openFile gives back", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(openFile(key, sealFile(key, json))?.toString()).toBe(json);
      }),
    );
  });

  it("puts version 2 before a zstd frame", () => {
    const plain = open(key, sealFile(key, '{"packs":[]}'))!;
    expect(plain.subarray(0, 5).toString("hex")).toBe("0228b52ffd");
  });
});

describe("openFile", () => {
  const json = '{"time":"2026-11-21T19:05:00+09:00"}';
  test.each([
    ["an object of version 1", sealed(json), json],
    ["a list of version 1", sealed("[1]"), "[1]"],
    ["an empty file, as restic does", sealed(""), ""],
    ["a frame with a checksum", sealed(Buffer.of(2), zstdCompressSync(json)), json],
  ])("opens %s", (_what, file, content) => {
    expect(openFile(key, file)?.toString()).toBe(content);
  });

  test.each([
    ["a version byte 1", sealed(Buffer.of(1), zstdCompressSync(json))],
    ["a version byte 3", sealed(Buffer.of(3), zstdCompressSync(json))],
    ["text that is no JSON", sealed("text")],
    ["a space before the JSON", sealed(` ${json}`)],
    ["no frame behind the version", sealed(Buffer.of(2), json)],
    ["half a frame", sealed(Buffer.of(2), zstdCompressSync(json).subarray(0, 20))],
    ["JSON that is not sealed", Buffer.from(json.repeat(3))],
    ["nothing", Buffer.alloc(0)],
    ["31 bytes", Buffer.alloc(31, 1)],
    ["what another key sealed", sealFile(generateMasterKey(randomBytes), json)],
  ])("refuses %s", (_what, file) => {
    expect(openFile(key, file)).toBeUndefined();
  });

  it("refuses a file with any byte changed, cut or added", () => {
    const file = sealFile(key, json);
    for (let i = 0; i < file.length; i++) {
      file[i]! ^= 0x10;
      expect(openFile(key, file), `byte ${i}`).toBeUndefined();
      file[i]! ^= 0x10;
      expect(openFile(key, file.subarray(0, i)), `cut at ${i}`).toBeUndefined();
    }
    expect(openFile(key, Buffer.concat([file, Buffer.of(0)]))).toBeUndefined();
  });

  it("refuses a bomb of more than 512 MiB", () => {
    const bomb = sealed(Buffer.of(2), zstdCompressSync(Buffer.alloc((512 << 20) + 1, 32)));
    expect(openFile(key, bomb)).toBeUndefined();
  });
});
