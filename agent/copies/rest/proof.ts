import type { RemoteFiles } from "./files.ts";

/**
 * What is wrong with a file that was just sent, or undefined when it is there, whole and right.
 * `by` length only where the server is shown to check hashes. A mismatch is looked at twice: the
 * answer, too, may have been spoilt on its way.
 */
export async function findLie(
  files: RemoteFiles,
  path: string,
  sent: Uint8Array,
  by: "length" | "bytes",
): Promise<string | undefined> {
  const look = by === "length" ? lengthLie : bytesLie;
  return (await look(files, path, sent)) && (await look(files, path, sent));
}

async function lengthLie(
  files: RemoteFiles,
  path: string,
  sent: Uint8Array,
): Promise<string | undefined> {
  const size = await files.size(path);
  if (size === undefined) return `${path} is not there`;
  if (size === sent.length) return undefined;
  return `${path} has ${size} bytes of ${sent.length}`;
}

async function bytesLie(
  files: RemoteFiles,
  path: string,
  sent: Uint8Array,
): Promise<string | undefined> {
  // Not read with a limit of its own length: that it is longer must show as a lie, too.
  const held = await files.read(path);
  if (held === undefined) return `${path} is not there`;
  if (held.length !== sent.length) return `${path} has ${held.length} bytes of ${sent.length}`;
  return held.equals(sent) ? undefined : `${path} has other bytes`;
}
