import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { RemoteName } from "./remote-name.ts";

/** Where the bytes of a remote come to lie in the end. */
export type RemotePlaces = readonly RemotePlaceId[];

/** Two places count as one where these are equal. Nothing in it is secret. */
export type RemotePlaceId =
  /** On this machine: the caller asks which disk holds the path. */
  | { readonly kind: "path"; readonly path: string }
  /** "sftp:nas.example", "s3:endpoint:1a2b…", "drive:1a2b…". */
  | { readonly kind: "service"; readonly id: string }
  /** The remote is not in the config file, or wraps itself. */
  | { readonly kind: "unknown"; readonly id: string };

/** Sections of rclone's config file by their names, as `rclone config dump` prints them. */
export type ConfigDump = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

const DEEPEST = 10;

/** What a remote stands on, through everything that wraps another remote. */
export function placesOf(dump: ConfigDump, { name, path }: RemoteName): RemotePlaces {
  return resolve(dump, `${name}:${path}`, DEEPEST);
}

function resolve(dump: ConfigDump, remote: string, depth: number): RemotePlaces {
  const colon = remote.indexOf(":");
  if (remote.startsWith("/") || colon < 0) return [local(remote)];
  const name = remote.slice(0, colon);
  const path = remote.slice(colon + 1);
  const section = dump[name] ?? dump[name.toLowerCase()];
  // ":backend:" and "name,option=…:" may stand inside the config file, where they are no danger.
  if (!section || depth === 0) return [{ kind: "unknown", id: `unknown:${short(remote)}` }];

  const wrapped = wrappedBy(section);
  if (wrapped)
    return unique(wrapped.flatMap((inner) => resolve(dump, join(inner, path), depth - 1)));
  if (section["type"] === "local") return [local(path)];
  return [{ kind: "service", id: service(name, path, section) }];
}

type Section = ConfigDump[string];

function wrappedBy(section: Section): string[] | undefined {
  const type: string = section["type"] ?? "";
  switch (type) {
    case "alias":
    case "crypt":
    case "chunker":
    case "compress":
    case "cache":
    case "hasher":
    case "archive":
      return [section["remote"] ?? ""];
    case "union":
      return words(section["upstreams"] ?? section["remotes"] ?? "").map((upstream) =>
        upstream.replace(/:(?:ro|nc|writeback)$/, ""),
      );
    case "combine":
      return words(section["upstreams"] ?? "").map((upstream) =>
        upstream.slice(upstream.indexOf("=") + 1),
      );
    default:
      return undefined;
  }
}

/** Upstreams stand with spaces between them, those with spaces inside in quotes. */
function words(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
}

function join(remote: string, path: string): string {
  if (path === "") return remote;
  return remote.endsWith(":") || remote.endsWith("/") ? remote + path : `${remote}/${path}`;
}

function local(path: string): RemotePlaceId {
  return { kind: "path", path: posix.normalize(path === "" ? "." : path) };
}

function service(name: string, path: string, section: Section): string {
  const type = section["type"] ?? "unknown";
  const host = section["host"] ?? hostOf(section["url"] ?? section["endpoint"]);
  switch (type) {
    case "sftp":
    case "ftp":
    case "smb":
    case "webdav":
    case "http":
    case "hdfs":
      // One machine, whatever the protocol, port and user.
      return `host:${(host ?? hostOf(section["namenode"]) ?? short(name)).toLowerCase()}`;
    case "s3": {
      const at = host ?? section["provider"]?.toLowerCase() ?? "aws";
      const key = section["access_key_id"];
      // Without a key of its own it takes the one of this machine, which may be anybody's.
      return `s3:${at}:${key ? short(key) : `bucket-${short(path.split("/")[0] ?? "")}`}`;
    }
    default:
      return `${type}:${short(accountOf(section) ?? `name ${name}`)}`;
  }
}

/** What stays the same when the token is renewed, and is the same for two remotes of one account. */
function accountOf(section: Section): string | undefined {
  const named = [
    "account",
    "user",
    "username",
    "email",
    "drive_id",
    "team_drive",
    "service_account_file",
    "tenant",
  ];
  const account = section["account"];
  // An application key of B2 holds the account's number; each bucket may have its own key.
  if (section["type"] === "b2" && account?.length === 25) return `account ${account.slice(3, 15)}`;
  for (const key of named) if (section[key]) return `${key} ${section[key]}`;
  return refreshToken(section["token"]);
}

function refreshToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  try {
    const { refresh_token: refresh } = JSON.parse(token) as { refresh_token?: unknown };
    return typeof refresh === "string" && refresh !== "" ? refresh : undefined;
  } catch {
    return undefined;
  }
}

function hostOf(address: string | undefined): string | undefined {
  if (!address) return undefined;
  const host = address
    .split(",")[0]
    ?.replace(/^\w+:\/\//, "")
    .replace(/[/?#].*$/, "");
  return host?.replace(/^.*@/, "").replace(/:\d+$/, "").toLowerCase() || undefined;
}

/** Equal where the text is, and says nothing about it: 64 bits of its SHA-256. */
function short(text: string): string {
  return createHash("sha256").update(`mikura place\0${text}`).digest("hex").slice(0, 16);
}

function unique(places: RemotePlaces): RemotePlaces {
  const seen = new Map(places.map((place) => [JSON.stringify(place), place]));
  return [...seen.values()];
}
