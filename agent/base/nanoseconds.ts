const NS = 1_000_000_000n;

/**
 * Nanoseconds since 1970 as whole seconds and the rest, which is never negative: a signed 64-bit
 * number of nanoseconds ends in 2262, and files of 2400 exist.
 */
export function splitSeconds(ns: bigint): readonly [seconds: bigint, rest: bigint] {
  const seconds = ns >= 0n ? ns / NS : (ns - NS + 1n) / NS;
  return [seconds, ns - seconds * NS];
}

export function joinSeconds(seconds: bigint, rest: bigint): bigint {
  return seconds * NS + rest;
}
