import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { sha256Into } from "./sha256.ts";

it("is what node:crypto says, and touches nothing behind it", () => {
  const out = Buffer.alloc(40);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.boolean(), (given, shared) => {
      const memory = shared ? new Uint8Array(new SharedArrayBuffer(given.length)) : given;
      memory.set(given);
      out.fill(7);
      sha256Into(out, memory);
      const expected = createHash("sha256").update(given).digest();
      expect(out).toEqual(Buffer.concat([expected, Buffer.alloc(8, 7)]));
    }),
  );
});

it("refuses memory that is too short", () => {
  expect(() => sha256Into(Buffer.alloc(31), Buffer.alloc(1))).toThrow(RangeError);
});
