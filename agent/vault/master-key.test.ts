import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import {
  decodeBase64,
  decodeMasterKey,
  encodeMasterKey,
  generateMasterKey,
  masterKeyFromBytes,
} from "./master-key.ts";

const k = Buffer.alloc(16, 1).toString("base64");
const r = Buffer.alloc(16, 2).toString("base64");
const encrypt = Buffer.alloc(32, 3).toString("base64");

function decode(value: unknown): unknown {
  return decodeMasterKey(Buffer.from(JSON.stringify(value)));
}

test("restic's JSON form, in its order of fields", () => {
  const bytes = Buffer.concat([Buffer.alloc(32, 3), Buffer.alloc(16, 1), Buffer.alloc(16, 2)]);
  const key = masterKeyFromBytes(bytes)!;
  expect(encodeMasterKey(key).toString()).toBe(
    `{"mac":{"k":"${k}","r":"${r}"},"encrypt":"${encrypt}"}`,
  );
});

test("a key survives its JSON", () => {
  const key = generateMasterKey(randomBytes);
  expect(decodeMasterKey(encodeMasterKey(key))).toEqual(key);
});

test("a part of zeros is refused", () => {
  for (const [from, to] of [
    [0, 32],
    [32, 48],
    [48, 64],
  ] as const) {
    expect(masterKeyFromBytes(randomBytes(64).fill(0, from, to))).toBeUndefined();
  }
  const zeros = Buffer.alloc(16).toString("base64");
  expect(decode({ mac: { k: zeros, r }, encrypt })).toBeUndefined();
  expect(decode({ mac: { k, r: zeros }, encrypt })).toBeUndefined();
  expect(() => generateMasterKey((size) => Buffer.alloc(size))).toThrow("zeros");
});

test("anything that is no master key is refused", () => {
  expect(decode({ mac: { k, r }, encrypt })).toBeDefined();
  expect(decode({ mac: { k, r }, encrypt: k })).toBeUndefined();
  expect(decode({ mac: { k: encrypt, r }, encrypt })).toBeUndefined();
  expect(decode({ mac: { k, r: 5 }, encrypt })).toBeUndefined();
  expect(decode({ mac: null, encrypt })).toBeUndefined();
  expect(decode([])).toBeUndefined();
  expect(decodeMasterKey(Buffer.from("{"))).toBeUndefined();
});

test("base64 that is not canonical is refused", () => {
  expect(decodeBase64("AQID")).toEqual(Buffer.from([1, 2, 3]));
  for (const bad of ["AQI", "AQI\n", "AQJ=", "A-ID", "AQ!D", "AQID ", 7, undefined]) {
    expect(decodeBase64(bad)).toBeUndefined();
  }
});
