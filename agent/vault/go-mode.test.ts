import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromGoMode, toGoMode } from "./go-mode.ts";

// Left: st_mode; right: what restic 0.14 wrote for such a file (reference/format.md, section 3).
test.each([
  [0o040755, 2147484141],
  [0o120777, 134218239],
  [0o010644, 33554852],
  [0o104755, 8389101],
  [0o041777, 2148532735],
  [0o100644, 0o644],
  [0o102755, 2 ** 22 + 0o755],
  [0o060660, 2 ** 26 + 0o660],
  [0o020666, 2 ** 26 + 2 ** 21 + 0o666],
  [0o140755, 2 ** 24 + 0o755],
])("st_mode 0o%o is %d", (unix, go) => {
  expect(toGoMode(unix)).toBe(go);
  expect(fromGoMode(go)).toBe(unix);
});

test("every mode of every type comes back", () => {
  const type = fc.constantFrom(0o01, 0o02, 0o04, 0o06, 0o10, 0o12, 0o14);
  fc.assert(
    fc.property(type, fc.nat(0o7777), (type, bits) => {
      const mode = type * 0o10000 + bits;
      expect(fromGoMode(toGoMode(mode))).toBe(mode);
    }),
  );
});

test("a type that is unknown or contradicts itself has no type bits", () => {
  expect(toGoMode(0o644)).toBe(2 ** 19 + 0o644);
  expect(fromGoMode(2 ** 19 + 0o644)).toBe(0o644);
  expect(fromGoMode(2 ** 31 + 2 ** 27 + 0o755)).toBe(0o755);
});

test("bits of Go that Unix has not are ignored", () => {
  expect(fromGoMode(2 ** 30 + 2 ** 29 + 2 ** 28 + 0o600)).toBe(0o100600);
});
