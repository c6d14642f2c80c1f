import { type Path, show } from "./mistakes.ts";
import { pathAdvice, resolveFrom } from "./paths.ts";
import { namesIn, textAt, valueAt } from "./value-at.ts";

/** A place that the policy file names, with its meaning, found even in a file that has other mistakes. */
export interface Place {
  /** `secret`: a file with a password or access keys. */
  readonly role: "folder" | "copy" | "key" | "state" | "secret";
  /** Name of the dataset or copy; empty for the others. */
  readonly owner: string;
  readonly path: Path;
  /** As written. */
  readonly text: string;
  /** Parts joined by "/"; what begins with another's text and a "/" lies in it. A path of this machine begins with "/". */
  readonly absolute: string;
  /** For messages. */
  readonly shown: string;
}

/** Every path of this machine that can be understood, in no order. `folder`: where the policy file lies. */
export function placesOf(raw: unknown, folder: string): Place[] {
  const places: Place[] = [];
  const add = (role: Place["role"], owner: string, path: Path): void => {
    const text = textAt(raw, path);
    if (text === undefined || pathAdvice(text) !== undefined) return;
    const absolute = resolveFrom(folder, text);
    places.push({ role, owner, path, text, absolute, shown: show(absolute) });
  };
  add("key", "", ["key-file"]);
  add("state", "", ["state"]);
  for (const name of namesIn(raw, "datasets")) {
    const folders = valueAt(raw, ["datasets", name, "folders"]);
    if (!Array.isArray(folders)) continue;
    for (const index of folders.keys()) add("folder", name, ["datasets", name, "folders", index]);
  }
  for (const name of namesIn(raw, "copies")) {
    const copy: Path = ["copies", name];
    add("copy", name, [...copy, "path"]);
    const disks = valueAt(raw, [...copy, "disks"]);
    for (const index of Array.isArray(disks) ? disks.keys() : [])
      add("copy", name, [...copy, "disks", index]);
    add("secret", name, [...copy, "password-file"]);
    add("secret", name, [...copy, "credentials", "file"]);
    add("secret", name, [...copy, "config"]);
  }
  return places;
}
