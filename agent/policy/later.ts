import type { Advice } from "./mistakes.ts";

// Keys of the contract that this version does not act on. They are refused: an
// alert that never fires, accepted in silence, would be a lie.
const LATER_KEYS: ReadonlySet<string> = new Set([
  "alerts",
  "restore-tests",
  "object-lock",
  "limit",
  "disks",
  "readable",
]);

const LATER_TYPES: ReadonlySet<unknown> = new Set(["s3", "rclone", "rest"]);

export function isLaterKey(key: string): boolean {
  return LATER_KEYS.has(key);
}

/** True of the `type` of a copy that a later version brings. */
export function isLaterType(type: unknown): boolean {
  return LATER_TYPES.has(type);
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

export function laterTypeAdvice(type: string): Advice {
  return {
    what: {
      ja: `type: ${type} の写しは、この版ではまだ使えません`,
      en: `copies of type ${type} are not available in this version`,
    },
    next: {
      ja: "この写しを消すか、type: local（この機械から見えるフォルダー）に替えてください。残しても何も行われません",
      en: "Remove this copy (nothing would be done with it), or use type: local, a folder that this machine can see",
    },
  };
}
