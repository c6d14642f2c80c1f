import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import {
  formatPolynomial,
  isIrreducible,
  parsePolynomial,
  randomPolynomial,
} from "./polynomial.ts";

test("restic's test polynomial is irreducible, its neighbours are not", () => {
  expect(isIrreducible(0x3da3358b4dc173n)).toBe(true);
  expect(isIrreducible(0x3da3358b4dc171n)).toBe(false);
  expect(isIrreducible(0x3da3358b4dc172n)).toBe(false);
});

test("as many irreducible polynomials of each degree as there are (OEIS A001037)", () => {
  const counts = Array.from({ length: 11 }, () => 0);
  for (let p = 2n; p < 2048n; p++) {
    if (isIrreducible(p)) counts[p.toString(2).length - 1]! += 1;
  }
  expect(counts.slice(1)).toEqual([2, 1, 2, 3, 6, 9, 18, 30, 56, 99]);
  expect(isIrreducible(0n)).toBe(false);
  expect(isIrreducible(1n)).toBe(false);
});

test("a product of two irreducible polynomials of high degree is found out", () => {
  // x^26 + x^6 + x^2 + x + 1 and x^27 + x^5 + x^2 + x + 1 are irreducible.
  const a = (1n << 26n) | 0b1000111n;
  const b = (1n << 27n) | 0b100111n;
  expect([isIrreducible(a), isIrreducible(b)]).toEqual([true, true]);
  let product = 0n;
  for (let i = 0n; i <= 27n; i++) if ((b >> i) & 1n) product ^= a << i;
  expect(product.toString(2)).toHaveLength(54);
  expect(isIrreducible(product)).toBe(false);
});

test("a random polynomial survives its text form", () => {
  for (let i = 0; i < 5; i++) {
    const polynomial = randomPolynomial(randomBytes);
    const text = formatPolynomial(polynomial);
    expect(text).toMatch(/^[23][0-9a-f]{13}$/);
    expect(parsePolynomial(text)).toBe(polynomial);
  }
});

test.each([
  "3DA3358B4DC173",
  "03da3358b4dc173",
  "3da3358b4dc171",
  "4000000000007d",
  "10000000000009",
  "25",
  "",
  7,
])("%j is no polynomial of restic", (text) => {
  expect(parsePolynomial(text)).toBeUndefined();
});
