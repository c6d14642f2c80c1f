import type { Copy, ForeignCopy } from "./policy.ts";

/** Where a copy is, for messages: as the owner knows it, without secrets. */
export function whereIs(copy: Copy | ForeignCopy): string {
  if (copy.type === "rclone") return `rclone ${copy.remote}`;
  if (copy.type === "rest") return copy.url;
  if (copy.type === "s3")
    return ["s3:/", copy.bucket, copy.prefix].filter((part) => part !== "").join("/");
  return copy.madeBy === undefined ? copy.paths.join(", ") : copy.path;
}
