import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newConfig, openConfig, sealConfig } from "./config-file.ts";
import { generateMasterKey } from "./master-key.ts";
import { open, seal } from "./seal.ts";

const key = generateMasterKey(randomBytes);
const config = newConfig(randomBytes);
const id = "ab".repeat(32);
const good = { version: 2, id, chunker_polynomial: "3da3358b4dc173" };

function sealed(value: unknown): Buffer {
  return seal(key, Buffer.from(JSON.stringify(value)));
}

function codeOf(bytes: Uint8Array): unknown {
  try {
    return openConfig(key, bytes);
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

test("a new config survives, has version 2 and fresh values", () => {
  expect(openConfig(key, sealConfig(key, config))).toEqual(config);
  expect(config.version).toBe(2);
  expect(newConfig(randomBytes).id).not.toBe(config.id);
});

test("the file is sealed plain JSON in restic's order of fields", () => {
  const bytes = sealConfig(key, { version: 2, id, polynomial: 0x3da3358b4dc173n });
  expect(open(key, bytes)?.toString()).toBe(JSON.stringify(good));
  expect(bytes).toHaveLength(155);
});

test("version 1 is read, with or without fields that are not known", () => {
  expect(openConfig(key, sealed({ ...good, version: 1, extra: true }))).toEqual({
    version: 1,
    id,
    polynomial: 0x3da3358b4dc173n,
  });
});

test("a later version is not available, which is no damage", () => {
  expect(codeOf(sealed({ ...good, version: 3 }))).toBe("not-available");
});

test.each([
  ["no version", { ...good, version: undefined }],
  ["a short id", { ...good, id: "ab" }],
  ["an id in upper case", { ...good, id: id.toUpperCase() }],
  ["a reducible polynomial", { ...good, chunker_polynomial: "3da3358b4dc171" }],
  ["a list", [good]],
])("%s is damage", (_what, value) => {
  expect(codeOf(sealed(value))).toBe("object-damaged");
});

test("a changed byte or another vault's key is damage", () => {
  const bytes = sealConfig(key, config);
  bytes[20]! ^= 1;
  expect(codeOf(bytes)).toBe("object-damaged");
  expect(codeOf(sealConfig(generateMasterKey(randomBytes), config))).toBe("object-damaged");
  expect(codeOf(Buffer.alloc(0))).toBe("object-damaged");
});
