import { createCipheriv, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MasterKey, generateMasterKey } from "./master-key.ts";
import { IV_BYTES, SEAL_OVERHEAD, open, seal, sealInto } from "./seal.ts";

const key = generateMasterKey(randomBytes);

describe("Poly1305-AES (Bernstein, The Poly1305-AES message-authentication code, appendix B)", () => {
  const vectors = [
    {
      r: "851fc40c3467ac0be05cc20404f3f700",
      k: "ec074c835580741701425b623235add6",
      n: "fb447350c4e868c52ac3275cf9d4327e",
      m: "f3f6",
      tag: "f4c633c3044fc145f84f335cb81953de",
    },
    {
      r: "a0f3080000f46400d0c7e9076c834403",
      k: "75deaa25c09f208e1dc4ce6b5cad3fbf",
      n: "61ee09218d29b0aaed7e154a2c5509cc",
      m: "",
      tag: "dd3fab2251f11ac759f0887129cc2ee7",
    },
    {
      r: "48443d0bb0d21109c89a100b5ce2c208",
      k: "6acb5f61a7176dd320c5c1eb2edcdc74",
      n: "ae212a55399729595dea458bc621ff0e",
      m: "663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136",
      tag: "0ee1c16bb73f0f4fd19881753c01cdbe",
    },
    {
      r: "12976a08c4426d0ce8a82407c4f48207",
      k: "e1a5668a4d5b66a5f68cc5424ed5982d",
      n: "9ae831e743978d3a23527c7128149e3a",
      m:
        "ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0" +
        "990c62e48b8018b2c3e4a0fa3134cb67fa83e158c994d961c4cb21095c1bf9",
      tag: "5154ad0d2cb26e01274fc51148491f1b",
    },
  ];

  test.each(vectors)("a message of the paper is authentic: $m", ({ r, k, n, m, tag }) => {
    const paperKey: MasterKey = {
      encrypt: randomBytes(32),
      macK: Buffer.from(k, "hex"),
      macR: Buffer.from(r, "hex"),
    };
    const message = Buffer.from(n + m + tag, "hex");
    expect(open(paperKey, message)).toHaveLength(m.length / 2);
    message[message.length - 1]! ^= 1;
    expect(open(paperKey, message)).toBeUndefined();
  });
});

test("the ciphertext is AES-256-CTR (NIST SP 800-38A, F.5.5)", () => {
  const nist: MasterKey = {
    ...key,
    encrypt: Buffer.from("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "hex"),
  };
  const iv = Buffer.from("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "hex");
  const plain = Buffer.from("6bc1bee22e409f96e93d7e117393172a", "hex");
  const sealed = seal(nist, plain, () => iv);
  expect(sealed.toString("hex", 0, 32)).toBe(
    "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff601ec313775789a5b7a7f504bbf3d228",
  );
});

test("what is sealed opens to the same bytes, and is 32 bytes longer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (plain) => {
      const sealed = seal(key, plain);
      expect(sealed).toHaveLength(plain.length + SEAL_OVERHEAD);
      expect(open(key, sealed)?.equals(plain)).toBe(true);
    }),
  );
});

test("no changed bit, cut or growth goes unnoticed", () => {
  const plain = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(plain, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, flip) => {
      const sealed = seal(key, plain);
      const changed = Buffer.from(sealed);
      changed[at % sealed.length]! ^= flip;
      expect(open(key, changed)).toBeUndefined();
      expect(open(key, sealed.subarray(0, at % sealed.length))).toBeUndefined();
      expect(open(key, sealed.subarray(1))).toBeUndefined();
      expect(open(key, Buffer.concat([sealed, Buffer.of(flip)]))).toBeUndefined();
    }),
  );
});

test("another key's message does not open, whichever part differs", () => {
  const sealed = seal(key, Buffer.from("balance"));
  const other = generateMasterKey(randomBytes);
  expect(open({ ...key, macK: other.macK }, sealed)).toBeUndefined();
  expect(open({ ...key, macR: other.macR }, sealed)).toBeUndefined();
  // The tag does not cover the encryption key: restic's format finds that out by the blob's hash.
  expect(open({ ...key, encrypt: other.encrypt }, sealed)?.toString()).not.toBe("balance");
});

test("sealInto writes its bytes and no others", () => {
  const plain = randomBytes(100);
  const out = Buffer.alloc(200, 0xaa);
  expect(sealInto(key, plain, randomBytes(IV_BYTES), out, 30)).toBe(132);
  expect(open(key, out.subarray(30, 162))?.equals(plain)).toBe(true);
  expect(out.subarray(0, 30).every((byte) => byte === 0xaa)).toBe(true);
  expect(out.subarray(162).every((byte) => byte === 0xaa)).toBe(true);
});

test("an unusable IV or a lack of room is an error before anything is written", () => {
  const out = Buffer.alloc(64);
  expect(() => sealInto(key, Buffer.from("x"), Buffer.alloc(16), out, 0)).toThrow(RangeError);
  expect(() => sealInto(key, Buffer.from("x"), randomBytes(12), out, 0)).toThrow(RangeError);
  expect(() => sealInto(key, Buffer.from("x"), randomBytes(16), out, 32)).toThrow(RangeError);
  expect(out.every((byte) => byte === 0)).toBe(true);
});

test("a message with a zero IV does not open although its tag is right", () => {
  const iv = Buffer.alloc(IV_BYTES);
  // The tag of an empty ciphertext is AES-128_k(IV) alone.
  const tag = createCipheriv("aes-128-ecb", key.macK, null).setAutoPadding(false).update(iv);
  expect(open(key, Buffer.concat([iv, tag]))).toBeUndefined();
});

test("the same text sealed twice looks different", () => {
  const plain = Buffer.from("same");
  expect(seal(key, plain).equals(seal(key, plain))).toBe(false);
});
