import { type RawName, rawFromText, rawToExactText } from "../base/raw-name.ts";
import type { Id } from "./ids.ts";
import { formatTime, parseTime } from "./rfc3339.ts";

/** Folder at the root of every snapshot of ours, and its two files. */
export const MANIFEST_FOLDER = ".mikura" as RawName;
export const SUMS_FILE = "SHA256SUMS" as RawName;
export const MANIFEST_FILE = "manifest.json" as RawName;

/**
 * What the source was when it was read (promise 5): not derived from the repository, so that a
 * repository that restores wrongly cannot agree with it.
 */
export interface ManifestEntry {
  /** Path below the restored folder, without a leading "/". */
  readonly path: RawName;
  readonly type: "file" | "dir" | "symlink" | "other";
  /** Unix permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  /** Files: bytes read, and the SHA-256 of the whole content. */
  readonly size?: number | undefined;
  readonly sha256?: Id | undefined;
  readonly target?: RawName | undefined;
}

export const MANIFEST_HEAD = '{"mikura":1,"entries":[';

/** Closes a manifest: the paths that are not in it because they could not be read. */
export function manifestTail(skipped: readonly string[]): string {
  return `\n],"skipped":${JSON.stringify(skipped)}}\n`;
}

/** One line of manifest.json: JSON that stands on a line of its own, so that it can be streamed. */
export function manifestLine(entry: ManifestEntry, first: boolean): string {
  let json = `${first ? "\n" : ",\n"}{${textField("path", entry.path)},"type":"${entry.type}","mode":"${entry.mode.toString(8).padStart(4, "0")}","mtime":"${formatTime(entry.mtime)}"`;
  if (entry.size !== undefined) json += `,"size":${entry.size}`;
  if (entry.sha256 !== undefined) json += `,"sha256":"${entry.sha256}"`;
  if (entry.target !== undefined) json += `,${textField("target", entry.target)}`;
  return `${json}}`;
}

/** Text as it is; bytes that are no UTF-8 as base64 under `NAME_base64`. */
function textField(name: string, raw: RawName): string {
  const text = rawToExactText(raw);
  if (text !== undefined) return `"${name}":${JSON.stringify(text)}`;
  return `"${name}_base64":"${Buffer.from(raw, "latin1").toString("base64")}"`;
}

/** One line for `sha256sum -c`, a letter for each byte of the name; escapes as GNU coreutils does. */
export function sumLine(path: RawName, sha256: Id): RawName {
  const escaped = path.replace(/[\\\n\r]/g, (c) =>
    c === "\\" ? "\\\\" : c === "\n" ? "\\n" : "\\r",
  );
  const mark = escaped === path ? "" : "\\";
  return `${mark}${sha256}  ${escaped}\n` as RawName;
}

/**
 * The entries of a manifest.json, line by line: the whole of a million files' manifest is longer
 * than a string can be. Throws SyntaxError where it is none.
 */
export function* manifestEntries(json: Buffer): Generator<ManifestEntry> {
  let start = json.indexOf(NEWLINE) + 1;
  if (json.toString("utf8", 0, start - 1) !== MANIFEST_HEAD)
    throw new SyntaxError("Not a manifest");
  while (start > 0) {
    const end = json.indexOf(NEWLINE, start);
    if (end < 0) throw new SyntaxError("Manifest has no end");
    const line = json.toString("utf8", start, end);
    if (line.startsWith("]")) return;
    yield decodeEntry(JSON.parse(line.endsWith(",") ? line.slice(0, -1) : line));
    start = end + 1;
  }
}

const NEWLINE = 10;

function decodeEntry(line: unknown): ManifestEntry {
  if (typeof line !== "object" || line === null) throw new SyntaxError("Not a manifest entry");
  const fields = line as Record<string, string | number>;
  const path = rawField(fields, "path");
  const mtime = parseTime(String(fields["mtime"]));
  if (path === undefined || mtime === undefined)
    throw new SyntaxError("Manifest entry is incomplete");
  const sha256 = fields["sha256"];
  return {
    path,
    type: fields["type"] as ManifestEntry["type"],
    mode: Number.parseInt(String(fields["mode"]), 8),
    mtime,
    size: typeof fields["size"] === "number" ? fields["size"] : undefined,
    sha256: typeof sha256 === "string" ? sha256 : undefined,
    target: rawField(fields, "target"),
  };
}

function rawField(fields: Record<string, string | number>, name: string): RawName | undefined {
  const text = fields[name];
  if (typeof text === "string") return rawFromText(text);
  const base64 = fields[`${name}_base64`];
  if (typeof base64 !== "string") return undefined;
  return Buffer.from(base64, "base64").toString("latin1") as RawName;
}
