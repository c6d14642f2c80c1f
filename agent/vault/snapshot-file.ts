import { goJsonString } from "./go-json.ts";
import { type Id, isId } from "./ids.ts";
import { formatTime, parseTime } from "./rfc3339.ts";

/** One dataset at one time. */
export interface Snapshot {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly parent?: Id | undefined;
  readonly tree: Id;
  /** Absolute folders. */
  readonly paths: readonly string[];
  readonly hostname: string;
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
  readonly excludes: readonly string[];
  /** The dataset's name. */
  readonly tags: readonly string[];
  readonly program: string;
}

/** JSON in restic's field order; zero uid and gid are left out as restic does. */
export function encodeSnapshot(snapshot: Snapshot): string {
  const fields: string[] = [`"time":"${formatTime(snapshot.time)}"`];
  if (snapshot.parent) fields.push(`"parent":"${snapshot.parent}"`);
  fields.push(`"tree":"${snapshot.tree}"`, `"paths":${list(snapshot.paths)}`);
  if (snapshot.hostname) fields.push(`"hostname":${goJsonString(snapshot.hostname)}`);
  if (snapshot.username) fields.push(`"username":${goJsonString(snapshot.username)}`);
  if (snapshot.uid) fields.push(`"uid":${snapshot.uid}`);
  if (snapshot.gid) fields.push(`"gid":${snapshot.gid}`);
  if (snapshot.excludes.length > 0) fields.push(`"excludes":${list(snapshot.excludes)}`);
  if (snapshot.tags.length > 0) fields.push(`"tags":${list(snapshot.tags)}`);
  fields.push(`"program_version":${goJsonString(snapshot.program)}`);
  return `{${fields.join(",")}}`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map(goJsonString).join(",")}]`;
}

/** A snapshot file's content; undefined where it is none. */
export function decodeSnapshot(json: Uint8Array): Snapshot | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(json).toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const time = typeof fields["time"] === "string" ? parseTime(fields["time"]) : undefined;
  const tree = fields["tree"];
  if (time === undefined || !isId(tree)) return undefined;
  return {
    time,
    tree,
    parent: isId(fields["parent"]) ? fields["parent"] : undefined,
    paths: texts(fields["paths"]),
    hostname: text(fields["hostname"]),
    username: text(fields["username"]),
    uid: number(fields["uid"]),
    gid: number(fields["gid"]),
    excludes: texts(fields["excludes"]),
    tags: texts(fields["tags"]),
    program: text(fields["program_version"]),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
