import { type BigIntStats, lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import {
  type RawName,
  rawFromBytes,
  rawFromText,
  rawJoin,
  rawToBytes,
} from "../../agent/base/raw-name.ts";

export interface SameTreeOptions {
  /** What is not compared: given the path below the folders, and what would be. */
  readonly except?: (path: RawName, what: Trait) => boolean;
}

export type Trait = "there" | "type" | "mode" | "mtime" | "owner" | "content" | "link" | "device";

/**
 * How folder `b` differs from folder `a`, one line each; an empty list where they are the same in
 * names, types, modes, times to the nanosecond, link targets, contents, hard links, and for root in
 * owners. Sockets are left out: no backup has them. The two folders themselves are compared too.
 */
export function treeDifferences(
  a: string,
  b: string,
  { except = () => false }: SameTreeOptions = {},
): string[] {
  const left = entriesOf(a);
  const right = entriesOf(b);
  const found: string[] = [];
  const differ = (path: RawName, what: Trait, detail: string): void => {
    if (!except(path, what)) found.push(`${JSON.stringify(path)} ${what}: ${detail}`);
  };
  for (const [path, one] of left) {
    const other = right.get(path);
    right.delete(path);
    if (!other) differ(path, "there", "only in the first");
    else compare(path, one, other, differ);
  }
  for (const path of right.keys()) differ(path, "there", "only in the second");
  return found;
}

interface Entry {
  readonly at: Buffer;
  readonly stat: BigIntStats;
  /** The first path of the same file: the path itself where the file has one name. */
  readonly twin: RawName;
}

function entriesOf(root: string): Map<RawName, Entry> {
  const entries = new Map<RawName, Entry>();
  const twins = new Map<string, RawName>();
  const visit = (path: RawName): void => {
    const at = rawToBytes(path === "" ? rawFromText(root) : rawJoin(rawFromText(root), path));
    const stat = lstatSync(at, { bigint: true });
    if (stat.isSocket()) return;
    const inode = `${stat.dev}:${stat.ino}`;
    const twin = stat.isFile() ? (twins.get(inode) ?? path) : path;
    twins.set(inode, twin);
    entries.set(path, { at, stat, twin });
    if (!stat.isDirectory()) return;
    const names = readdirSync(at, { encoding: "buffer" }).map(rawFromBytes).sort();
    for (const name of names) visit(rawJoin(path, name));
  };
  visit("" as RawName);
  return entries;
}

function compare(
  path: RawName,
  a: Entry,
  b: Entry,
  differ: (path: RawName, what: Trait, detail: string) => void,
): void {
  const TYPE = 0o170000n;
  if ((a.stat.mode & TYPE) !== (b.stat.mode & TYPE)) {
    differ(path, "type", `${a.stat.mode.toString(8)} ${b.stat.mode.toString(8)}`);
    return;
  }
  if (a.stat.mode !== b.stat.mode)
    differ(path, "mode", `${a.stat.mode.toString(8)} ${b.stat.mode.toString(8)}`);
  if (a.stat.mtimeNs !== b.stat.mtimeNs)
    differ(path, "mtime", `${a.stat.mtimeNs} ${b.stat.mtimeNs}`);
  if (process.getuid?.() === 0 && (a.stat.uid !== b.stat.uid || a.stat.gid !== b.stat.gid))
    differ(path, "owner", `${a.stat.uid}:${a.stat.gid} ${b.stat.uid}:${b.stat.gid}`);
  if (a.twin !== b.twin) differ(path, "link", `same file as ${a.twin}, as ${b.twin}`);
  if (a.stat.rdev !== b.stat.rdev) differ(path, "device", `${a.stat.rdev} ${b.stat.rdev}`);
  if (a.stat.isSymbolicLink()) {
    const [from, to] = [a, b].map(({ at }) =>
      rawFromBytes(readlinkSync(at, { encoding: "buffer" })),
    );
    if (from !== to) differ(path, "content", `link to ${from}, to ${to}`);
  } else if (a.stat.isFile()) {
    if (a.stat.size !== b.stat.size) differ(path, "content", `size ${a.stat.size} ${b.stat.size}`);
    else if (!readFileSync(a.at).equals(readFileSync(b.at))) differ(path, "content", "other bytes");
  }
}
