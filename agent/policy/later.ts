import type { Advice } from "./mistakes.ts";

// Keys of the contract that this version does not act on. They are refused: an
// alert that never fires, accepted in silence, would be a lie.
const LATER_KEYS: ReadonlySet<string> = new Set([
  "alerts",
  "restore-tests",
  "readable",
  "medium-encrypted",
]);

export function isLaterKey(key: string): boolean {
  return LATER_KEYS.has(key);
}

export function laterKeyAdvice(key: string): Advice {
  return {
    what: {
      ja: `${key} は、この版ではまだ使えません`,
      en: `${key} is not available in this version`,
    },
    next: {
      ja: "この行（と、その下に続く行）を消してください。残しても何も行われません",
      en: "Remove the line and what belongs to it (nothing would be done with it)",
    },
  };
}
