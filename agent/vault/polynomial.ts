import type { RandomBytes } from "./master-key.ts";

// Polynomials over GF(2) as bigint: bit i is the coefficient of x^i, addition is XOR.
const DEGREE = 53;
const X = 2n;

/**
 * A random irreducible polynomial of degree 53, the secret of restic's chunker. About one in 53 of
 * a degree is irreducible (twice that with a constant term), so some thirty candidates are tried.
 */
export function randomPolynomial(random: RandomBytes): bigint {
  for (;;) {
    const low = BigInt.asUintN(DEGREE, random(8).readBigUInt64LE());
    const candidate = (1n << BigInt(DEGREE)) | low | 1n; // without the 1, x divides it
    if (isIrreducible(candidate)) return candidate;
  }
}

export function formatPolynomial(polynomial: bigint): string {
  return polynomial.toString(16);
}

/** From lower-case hex; undefined where it is not an irreducible polynomial of degree 53. */
export function parsePolynomial(hex: unknown): bigint | undefined {
  if (typeof hex !== "string" || !/^[0-9a-f]{14}$/.test(hex)) return undefined;
  const polynomial = BigInt(`0x${hex}`);
  return degree(polynomial) === DEGREE && isIrreducible(polynomial) ? polynomial : undefined;
}

/**
 * Ben-Or's test: `p` of degree n is irreducible if it shares no factor with x^(2^i) − x, the product
 * of all irreducible polynomials whose degree divides i, for every i up to n/2.
 */
export function isIrreducible(p: bigint): boolean {
  const n = degree(p);
  if (n < 1) return false;
  let power = remainder(X, p);
  for (let i = 1; i <= n / 2; i++) {
    power = remainder(square(power), p);
    if (degree(gcd(p, power ^ X)) !== 0) return false;
  }
  return true;
}

/** −1 for the zero polynomial. */
function degree(p: bigint): number {
  return p === 0n ? -1 : p.toString(2).length - 1;
}

/** Squaring over GF(2) puts a zero between all bits. */
function square(p: bigint): bigint {
  return BigInt(`0b${p.toString(2).split("").join("0")}`);
}

function remainder(a: bigint, p: bigint): bigint {
  const n = degree(p);
  let rest = a;
  for (let d = degree(rest); d >= n; d = degree(rest)) rest ^= p << BigInt(d - n);
  return rest;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, remainder(a, b));
}
