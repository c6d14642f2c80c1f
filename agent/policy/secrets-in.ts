import { finding } from "./issues.ts";
import { LONGEST } from "./limits.ts";
import { schemaAt } from "./keys.ts";
import type { Finding, Path } from "./mistakes.ts";
import { pastedSecret } from "./secrets.ts";

/** Secrets that stand as the value of a key which is there for something else. */
export function pastedSecrets(raw: unknown): Finding[] {
  return textsIn(raw, []).flatMap(({ path, text }) => {
    // An unknown key is refused anyway, and an address has an advice of its own.
    const node = schemaAt(path, raw);
    if (node?.type !== "string" || node.format === "uri" || path.at(-1) === "remote") return [];
    const advice = pastedSecret(text);
    return advice ? [finding(path, "value", advice, raw)] : [];
  });
}

function textsIn(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === "string") return value.length > LONGEST ? [] : [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one, index) => textsIn(one, [...path, index]));
  return Object.entries(value).flatMap(([key, one]) => textsIn(one, [...path, key]));
}
