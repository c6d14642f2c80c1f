/** Where time comes from; tests pass their own. */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01T00:00Z. */
  now(): number;
}

/** The only place that reads the machine's clock. */
export const systemClock: Clock = {
  // oxlint-disable-next-line no-restricted-properties -- this is the one clock that the others are passed
  now: () => Date.now(),
};

/** A clock that stands where it is put. */
export function stoppedClock(at: number): Clock & { at: number } {
  return {
    at,
    now() {
      return this.at;
    },
  };
}
