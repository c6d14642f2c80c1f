import { hash } from "node:crypto";
import type { RandomBytes } from "./master-key.ts";

// The owner's way in when the agent's machine is gone: typed from paper, so there are no letters
// that look like others or like digits (I L O U, and no digits at all). 30 letters of 22 are 133 bits.
const LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP = 5;
const SECRET_GROUPS = 6;
const SECRET = GROUP * SECRET_GROUPS;
const TOTAL = SECRET + GROUP;

export type ReadCode =
  /** The code in its one canonical form, hyphens included: exactly the restic password. */
  | { readonly code: string }
  /**
   * "letters": a group has a letter that no code has; "length": letters are missing or too many;
   * "check": the check group does not fit. `group` (1 to 7) where it can be told which is mistyped.
   */
  | { readonly wrong: "letters" | "length" | "check"; readonly group: number | undefined };

/** Six random groups and a check group, e.g. `ABCDE-…-KMNPQ`. */
export function makeRecoveryCode(random: RandomBytes): string {
  let secret = "";
  while (secret.length < SECRET) {
    // Bytes beyond the last full multiple of 22 would favour some letters.
    const fair = random(SECRET).filter((byte) => byte < 256 - (256 % LETTERS.length));
    secret += Array.from(fair, (byte) => LETTERS[byte % LETTERS.length]).join("");
  }
  return withHyphens(withCheck(secret.slice(0, SECRET)));
}

/** Reads a code as people type it: small or full-width letters, blanks, any dashes or none. */
export function readRecoveryCode(typed: string): ReadCode {
  // NFKC makes full-width letters plain; a Japanese keyboard gives the long-vowel mark for a hyphen.
  const parts = typed
    .normalize("NFKC")
    .toUpperCase()
    .split(/[\s\p{Pd}\u2212\u30FC]+/u);
  const letters = parts.join("");
  const group = wrongShape(parts.filter((part) => part !== ""));
  if (letters.length !== TOTAL) return { wrong: "length", group };
  const foreign = Array.from(letters).findIndex((letter) => !LETTERS.includes(letter));
  if (foreign >= 0) return { wrong: "letters", group: groupAt(foreign) };
  if (!fits(letters)) return { wrong: "check", group: suspectGroup(letters) };
  return { code: withHyphens(letters) };
}

/** The group with the wrong number of letters, where all seven groups were typed apart. */
function wrongShape(groups: readonly string[]): number | undefined {
  if (groups.length !== SECRET_GROUPS + 1) return undefined;
  const wrong = groups.flatMap((group, index) => (group.length === GROUP ? [] : [index + 1]));
  return wrong.length === 1 ? wrong[0] : undefined;
}

/** The one group in which a single wrong letter, or two neighbours swapped, explains the misfit. */
function suspectGroup(letters: string): number | undefined {
  const suspects = new Set<number>();
  for (let at = 0; at < TOTAL; at++) {
    if (mendings(letters, at).some(fits)) suspects.add(groupAt(at));
  }
  return suspects.size === 1 ? [...suspects][0] : undefined;
}

function mendings(letters: string, at: number): string[] {
  const before = letters.slice(0, at);
  const replaced = Array.from(LETTERS, (letter) => before + letter + letters.slice(at + 1));
  const swapped = before + (letters[at + 1] ?? "") + letters[at] + letters.slice(at + 2);
  return [...replaced, swapped];
}

function fits(letters: string): boolean {
  return letters === withCheck(letters.slice(0, SECRET));
}

function withCheck(secret: string): string {
  let number = hash("sha256", secret, "buffer").readUIntBE(0, 6);
  let check = "";
  for (let i = 0; i < GROUP; i++) {
    check += LETTERS[number % LETTERS.length];
    number = Math.floor(number / LETTERS.length);
  }
  return secret + check;
}

function withHyphens(letters: string): string {
  return letters.replace(/.{5}(?=.)/g, "$&-");
}

function groupAt(index: number): number {
  return Math.floor(index / GROUP) + 1;
}
