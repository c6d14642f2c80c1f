import type { Path } from "./mistakes.ts";
import { valueAt } from "./issues.ts";
import { pathAdvice, resolveFrom } from "./paths.ts";

/** A path of the policy file with its meaning, found even in a file that has other mistakes. */
export interface Place {
  readonly role: "folder" | "copy" | "key" | "state" | "password";
  /** Name of the dataset or copy; empty for the others. */
  readonly owner: string;
  readonly path: Path;
  /** As written, and absolute. */
  readonly text: string;
  readonly absolute: string;
}

/** Every path of the file that can be understood, in no order. `folder`: where the policy file lies. */
export function placesOf(raw: unknown, folder: string): Place[] {
  const places: Place[] = [];
  const add = (role: Place["role"], owner: string, path: Path): void => {
    const text = valueAt(raw, path);
    if (typeof text !== "string" || pathAdvice(text) !== undefined) return;
    places.push({ role, owner, path, text, absolute: resolveFrom(folder, text) });
  };
  add("key", "", ["key-file"]);
  add("state", "", ["state"]);
  for (const name of namesIn(raw, "datasets")) {
    const folders = valueAt(raw, ["datasets", name, "folders"]);
    if (!Array.isArray(folders)) continue;
    for (const index of folders.keys()) add("folder", name, ["datasets", name, "folders", index]);
  }
  for (const name of namesIn(raw, "copies")) {
    add("copy", name, ["copies", name, "path"]);
    add("password", name, ["copies", name, "password-file"]);
  }
  return places;
}

/** Names under `datasets` or `copies`, in the order of the file. */
export function namesIn(raw: unknown, group: "datasets" | "copies"): string[] {
  const entries = valueAt(raw, [group]);
  return typeof entries === "object" && entries !== null && !Array.isArray(entries)
    ? Object.keys(entries)
    : [];
}
