import picomatch from "picomatch";
import { type RawName, rawToText } from "../../base/raw-name.ts";

/** True for what is left out of a snapshot. */
export type Exclude = (name: RawName, path: RawName) => boolean;

/**
 * A pattern without "/" is held against the name, anywhere; one with a leading "/" against the whole
 * path; any other against the end of the path.
 */
export function excludeOf(patterns: readonly string[]): Exclude {
  const options = { dot: true };
  const names = patterns.filter((p) => !p.includes("/")).map((p) => picomatch(p, options));
  const paths = patterns
    .filter((p) => p.includes("/"))
    .map((p) => picomatch(p.startsWith("/") ? p : `**/${p}`, options));
  if (names.length + paths.length === 0) return () => false;
  return (name, path) => {
    const text = rawToText(name);
    if (names.some((matches) => matches(text))) return true;
    if (paths.length === 0) return false;
    const whole = rawToText(path);
    return paths.some((matches) => matches(whole));
  };
}
