import { readFileSync } from "node:fs";

/** Names of users and groups by number, as the machine's own lists have them. */
export interface OwnerNames {
  user(uid: number): string | undefined;
  group(gid: number): string | undefined;
}

export function readOwnerNames(): OwnerNames {
  const users = namesIn("/etc/passwd");
  const groups = namesIn("/etc/group");
  return { user: (uid) => users.get(uid), group: (gid) => groups.get(gid) };
}

/** Lines of `name:x:number:…` (passwd(5), group(5)). A system without the file has no names. */
function namesIn(file: string): Map<number, string> {
  const names = new Map<number, string>();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return names; // names are a comfort for the reader of a tree; the numbers decide
  }
  for (const line of text.split("\n")) {
    const [name, , number] = line.split(":");
    const id = Number(number);
    if (name && number && Number.isInteger(id) && !names.has(id)) names.set(id, name);
  }
  return names;
}
