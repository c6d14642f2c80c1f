import { Fault } from "../../base/fault.ts";
import type { Copy } from "../../policy/policy.ts";
import { whereIs } from "../../policy/where.ts";

/**
 * The folder of a copy on this machine.
 * @throws {Fault} "not-available" for copies that the policy knows and the jobs cannot open yet
 */
export function folderOf(copy: Copy): string {
  if (copy.type === "local" && copy.paths.length === 1) return copy.paths[0];
  throw new Fault("not-available", {
    what: {
      ja: `写し「${copy.name}」（${whereIs(copy)}）を開くことは、この版ではまだできません`,
      en: `Copy "${copy.name}" (${whereIs(copy)}) cannot be opened by this version yet`,
    },
    next: {
      ja: "フォルダー 1 つの写し（type: local と path）に替えるか、新しい版にしてください",
      en: "Use a copy in one folder (type: local with path), or a newer version",
    },
  });
}
