import { expect, test } from "vitest";
import { parseJsonObject } from "./json-object.ts";

test("an object is taken, and nothing else", () => {
  expect(parseJsonObject(Buffer.from('{"a":[1]}'))).toEqual({ a: [1] });
  for (const text of ["", "{", "[]", "null", "7", '"a"', "{} {}"]) {
    expect(parseJsonObject(Buffer.from(text))).toBeUndefined();
  }
});
