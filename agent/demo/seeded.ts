/** Repeatable choices: the same seed gives the same sample company on every machine. */
export interface Seeded {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True in about `percent` of 100 calls. */
  chance(percent: number): boolean;
  pick<T extends readonly [unknown, ...unknown[]]>(items: T): T[number];
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough for figures that must only look real. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function between(low: number, high: number): number {
    return low + Math.floor(next() * (high - low + 1));
  }

  return {
    between,
    chance: (percent) => next() * 100 < percent,
    pick: (items) => items[between(0, items.length - 1)],
  };
}
