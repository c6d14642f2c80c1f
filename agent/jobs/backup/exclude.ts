import picomatch from "picomatch";
import { type RawName, rawToText } from "../../base/raw-name.ts";

/** True for what is left out of a snapshot. */
export type Exclude = (name: RawName, path: RawName) => boolean;

/**
 * A pattern without "/" is held against the name, anywhere; one with "/" against the path as seen
 * from the dataset's folder.
 */
export function excludeOf(patterns: readonly string[], folders: readonly RawName[]): Exclude {
  const names = matchers(patterns.filter((pattern) => !pattern.includes("/")));
  const paths = matchers(patterns.filter((pattern) => pattern.includes("/")));
  if (names.length + paths.length === 0) return () => false;
  return (name, path) => {
    const text = rawToText(name);
    if (names.some((matches) => matches(text))) return true;
    if (paths.length === 0) return false;
    const folder = folders.find((one) => path.startsWith(`${one}/`)) ?? "";
    const below = rawToText(path.slice(folder.length + 1) as RawName);
    return paths.some((matches) => matches(below));
  };
}

function matchers(patterns: readonly string[]): ((text: string) => boolean)[] {
  return patterns.map((pattern) => picomatch(pattern, { dot: true }));
}
