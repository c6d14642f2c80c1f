import { readFileSync } from "node:fs";

/** Version of this mikura, from its package.json. */
export const VERSION: string = String(
  (
    JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: unknown;
    }
  ).version,
);
