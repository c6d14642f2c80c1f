import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { errnoOf } from "../../base/fault.ts";
import {
  type RawName,
  rawCompare,
  rawFromBytes,
  rawJoin,
  rawToBytes,
} from "../../base/raw-name.ts";
import type { Exclude } from "./exclude.ts";

/** One thing in the source, as lstat saw it. */
export interface Found {
  readonly name: RawName;
  /** Absolute. */
  readonly path: RawName;
  readonly stat: BigIntStats;
  /** Symbolic links only. */
  readonly target?: RawName;
}

/** The source, in the order of a tree: every folder's entries stand between its enter and leave. */
export type Step =
  /** `way`: above the folders, and in the snapshot only for the sake of the full path. */
  | { readonly step: "enter"; readonly found: Found; readonly way: boolean }
  | { readonly step: "leave" }
  | { readonly step: "file"; readonly found: Found }
  /** Symbolic link, FIFO or device: kept as it is, never opened. */
  | { readonly step: "special"; readonly found: Found }
  /** Could not be looked at, with the errno. */
  | { readonly step: "unreadable"; readonly path: RawName; readonly errno: string };

/**
 * Walks the folders (absolute, none inside another) in one pass, each level in byte order of the
 * names. The folders above them come as enter and leave with nothing but the way down, so that
 * the snapshot has full paths, as restic's do.
 */
export function* scan(folders: readonly RawName[], exclude: Exclude): Generator<Step> {
  yield* walkDown("/" as RawName, folders, exclude);
}

function* walkDown(at: RawName, folders: readonly RawName[], exclude: Exclude): Generator<Step> {
  const below = new Map<RawName, RawName[]>();
  for (const folder of folders) {
    const rest = folder.slice(at === "/" ? 1 : at.length + 1);
    const name = rest.split("/", 1)[0] as RawName;
    below.set(name, [...(below.get(name) ?? []), folder]);
  }
  for (const name of [...below.keys()].sort(rawCompare)) {
    const path = rawJoin(at, name);
    const inside = below.get(name)!;
    const way = !inside.includes(path);
    const stat = lstatSync(rawToBytes(path), { bigint: true });
    yield { step: "enter", found: { name, path, stat }, way };
    if (way) yield* walkDown(path, inside, exclude);
    else yield* walk(path, exclude);
    yield { step: "leave" };
  }
}

function* walk(folder: RawName, exclude: Exclude): Generator<Step> {
  let names: RawName[];
  try {
    // latin1 is what a RawName is: one character per byte.
    names = readdirSync(rawToBytes(folder), { encoding: "latin1" }) as RawName[];
  } catch (error) {
    yield { step: "unreadable", path: folder, errno: errnoOf(error) ?? "EIO" };
    return;
  }
  names.sort(rawCompare);
  for (const name of names) {
    const path = rawJoin(folder, name);
    if (exclude(name, path)) continue;
    const found = look(name, path);
    if (typeof found === "string") {
      // Gone since the folder was listed: it is no longer part of the source.
      if (found !== "ENOENT") yield { step: "unreadable", path, errno: found };
    } else if (found.stat.isDirectory()) {
      yield { step: "enter", found, way: false };
      yield* walk(path, exclude);
      yield { step: "leave" };
    } else if (found.stat.isFile()) {
      yield { step: "file", found };
    } else if (!found.stat.isSocket()) {
      // A socket is the door of a running program and holds no data: restic leaves it out as well.
      yield { step: "special", found };
    }
  }
}

/** What lies at `path`, or the errno. */
function look(name: RawName, path: RawName): Found | string {
  try {
    const bytes = rawToBytes(path);
    const stat = lstatSync(bytes, { bigint: true });
    if (!stat.isSymbolicLink()) return { name, path, stat };
    return { name, path, stat, target: rawFromBytes(readlinkSync(bytes, { encoding: "buffer" })) };
  } catch (error) {
    return errnoOf(error) ?? "EIO";
  }
}
