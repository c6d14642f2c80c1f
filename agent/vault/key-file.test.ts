import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { idOf } from "./ids.ts";
import { makeKeyFile, unlockKeyFile } from "./key-file.ts";
import { generateMasterKey } from "./master-key.ts";

const masterKey = generateMasterKey(randomBytes);
const cost = { N: 16, r: 8, p: 1 };
const made = await makeKeyFile({
  password: "売掛金 secret",
  masterKey,
  cost,
  created: Date.parse("2026-04-01T03:04:05.600Z"),
  username: "経理",
  hostname: 'pc "1"',
});
const fields = JSON.parse(made.bytes.toString()) as Record<string, unknown>;

function withFields(changes: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify({ ...fields, ...changes }));
}

const keyDamaged = expect.objectContaining({ code: "key-damaged" }) as Error;

test("the password opens the file", async () => {
  expect(await unlockKeyFile(made.bytes, "売掛金 secret")).toEqual(masterKey);
});

test("another password does not, and that is no damage", async () => {
  expect(await unlockKeyFile(made.bytes, "売掛金 Secret")).toBeUndefined();
});

test("the file is named by its hash and has restic's fields in restic's order", () => {
  expect(made.name).toBe(idOf(made.bytes));
  expect(Object.keys(fields)).toEqual([
    "created",
    "username",
    "hostname",
    "kdf",
    "N",
    "r",
    "p",
    "salt",
    "data",
  ]);
  expect(fields).toMatchObject({ created: "2026-04-01T03:04:05.6Z", kdf: "scrypt", ...cost });
  expect(Buffer.from(String(fields["salt"]), "base64")).toHaveLength(64);
});

test.each([
  ["an unknown kdf", { kdf: "argon2id" }],
  ["a short salt", { salt: Buffer.alloc(63).toString("base64") }],
  ["a salt that is not canonical base64", { salt: `${String(fields["salt"])}\n` }],
  ["no data", { data: undefined }],
  ["N that is no power of two", { N: 1000 }],
  ["N = 1", { N: 1 }],
  ["N as text", { N: "16" }],
  ["a fraction", { r: 0.5 }],
  ["p = 0", { p: 0 }],
  ["a negative r", { r: -8 }],
  ["a memory bomb by N", { N: 2 ** 30 }],
  ["a memory bomb by r", { r: 2 ** 21, N: 2 }],
  ["a memory bomb by p", { p: 2 ** 22, N: 2, r: 1 }],
  ["endless work", { N: 2 ** 15, p: 2 ** 10 }],
  ["numbers beyond all measure", { N: 2 ** 52, r: 2 ** 52, p: 2 ** 52 }],
])("%s is refused before any work is done", async (_what, changes) => {
  await expect(unlockKeyFile(withFields(changes), "x")).rejects.toEqual(keyDamaged);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["half a file", made.bytes.subarray(0, 200)],
  ["a list", Buffer.from("[]")],
  ["a huge file", withFields({ hostname: "x".repeat(70_000) })],
])("%s is no key file", async (_what, bytes) => {
  await expect(unlockKeyFile(bytes, "x")).rejects.toEqual(keyDamaged);
});

test("changed sealed data never gives a key", async () => {
  const data = Buffer.from(String(fields["data"]), "base64");
  for (let at = 0; at < data.length; at += 7) {
    const changed = Buffer.from(data);
    changed[at]! ^= 0x10;
    const file = withFields({ data: changed.toString("base64") });
    expect(await unlockKeyFile(file, "売掛金 secret")).toBeUndefined();
  }
});
