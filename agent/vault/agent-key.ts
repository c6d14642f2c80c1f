import type { RandomBytes } from "./master-key.ts";

// The agent key is a restic password: `restic --password-file agent.key` reads the same file.
const KEY_BYTES = 32;

/** 256 random bits as 64 hex digits: the password of the agent's key file. */
export function makeAgentKey(random: RandomBytes): string {
  return random(KEY_BYTES).toString("hex");
}

/** The text of the file that holds the agent key. */
export function formatAgentKey(agentKey: string): string {
  return `${agentKey}\n`;
}

/** The agent key in a file's text; undefined where it is none. Editors may have added a BOM or blank space. */
export function parseAgentKey(text: string): string | undefined {
  // Lower case only: the digits are a password, so restic would refuse the upper-case form.
  return /^\uFEFF?\s*([0-9a-f]{64})\s*$/.exec(text)?.[1];
}
