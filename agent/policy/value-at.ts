import { LONGEST } from "./limits.ts";
import type { Path } from "./mistakes.ts";

/** The value in plain data at `path`, or undefined. */
export function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    raw,
  );
}

/** The text in plain data at `path`; undefined where there is none of a sane length. */
export function textAt(raw: unknown, path: Path): string | undefined {
  const value = valueAt(raw, path);
  return typeof value === "string" && value.length <= LONGEST ? value : undefined;
}

/** Names under `datasets` or `copies`, in the order of the file. */
export function namesIn(raw: unknown, group: "datasets" | "copies"): string[] {
  const entries = valueAt(raw, [group]);
  return isGroup(entries) ? Object.keys(entries) : [];
}

/** True of keys with values, as against a list or a single value. */
export function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
