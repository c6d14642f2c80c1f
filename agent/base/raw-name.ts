/**
 * A file name or path as the bytes the file system has, one character per byte (latin1).
 *
 * Names on Linux are bytes, not text. A string of bytes compares in byte order with `<`, joins with
 * `+`, and is a Map key, none of which a Buffer does; it becomes a Buffer again at the system call.
 */
export type RawName = string & { readonly __raw: unique symbol };

export function rawFromBytes(bytes: Buffer): RawName {
  return bytes.toString("latin1") as RawName;
}

/** From ordinary text, such as a path in the policy. */
export function rawFromText(text: string): RawName {
  return isAscii(text) ? text : rawFromBytes(Buffer.from(text, "utf8"));
}

export function rawToBytes(raw: RawName): Buffer {
  return Buffer.from(raw, "latin1");
}

/** For people: bytes that are not UTF-8 show as U+FFFD. */
export function rawToText(raw: RawName): string {
  return isAscii(raw) ? raw : rawToBytes(raw).toString("utf8");
}

/** The text, or undefined where the bytes are not valid UTF-8. */
export function rawToExactText(raw: RawName): string | undefined {
  if (isAscii(raw)) return raw;
  const bytes = rawToBytes(raw);
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : undefined;
}

/** `parent` and `name` joined by "/"; an empty parent gives the name alone. */
export function rawJoin(parent: RawName, name: RawName): RawName {
  if (parent === "") return name;
  return (parent.endsWith("/") ? parent + name : `${parent}/${name}`) as RawName;
}

export function rawCompare(a: RawName, b: RawName): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isAscii(raw: string): raw is RawName & string {
  for (let i = 0; i < raw.length; i++) if (raw.charCodeAt(i) > 0x7f) return false;
  return true;
}
