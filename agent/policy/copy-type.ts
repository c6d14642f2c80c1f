import { nearest } from "./nearest.ts";
import { COPY_TYPES, type CopyType } from "./policy.ts";
import { isGroup } from "./value-at.ts";

/** True of a `type` as it must be written. */
export function isCopyType(value: unknown): value is CopyType {
  return COPY_TYPES.some((type) => type === value);
}

/** The type that an entry of `copies` has, or was most likely meant to have. */
export function meantType(entry: unknown): CopyType {
  const { type, ...rest } = isGroup(entry) ? entry : {};
  return nearType(type) ?? TELLING.find(([key]) => Object.hasOwn(rest, key))?.[1] ?? "local";
}

/** The type that was meant by a word in its place: itself, a slip, or the name of a kind of service. */
export function nearType(word: unknown): CopyType | undefined {
  if (typeof word !== "string") return undefined;
  const known = [...COPY_TYPES, ...Object.keys(OTHER_WORDS)];
  const near = nearest(word, known);
  return isCopyType(near) ? near : OTHER_WORDS[near ?? ""];
}

/** What people call the kinds of places. */
const OTHER_WORDS: Readonly<Record<string, CopyType>> = Object.fromEntries([
  ...["folder", "path", "disk", "nas", "usb", "smb", "nfs"].map((word) => [word, "local"] as const),
  ...["sftp", "ssh", "ftp", "webdav", "dropbox", "onedrive", "gdrive", "azure", "cloud"].map(
    (word) => [word, "rclone"] as const,
  ),
  ...["restic", "rest-server", "https"].map((word) => [word, "rest"] as const),
  ...["aws", "minio", "wasabi", "bucket", "object-storage"].map((word) => [word, "s3"] as const),
]);

/** Keys that only one type has. */
const TELLING: readonly (readonly [string, CopyType])[] = [
  ["bucket", "s3"],
  ["endpoint", "s3"],
  ["region", "s3"],
  ["remote", "rclone"],
  ["url", "rest"],
];
