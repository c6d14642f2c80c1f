import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  ftruncateSync,
  closeSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type RawName, rawFromText, rawJoin, rawToBytes } from "../../agent/base/raw-name.ts";

// Sources made of what goes wrong in reality: each function fills the (empty) folder it is given.

const AS_ROOT = process.getuid?.() === 0;

export const NASTY_NAMES: readonly RawName[] = [
  ...["\xff\xfe stray", "\x83e\x83X\x83g Shift_JIS.csv", "\xe3\x81", "\xed\xa0\x80 surrogate"].map(
    (name) => name as RawName,
  ),
  ...[
    "か\u3099.txt", // NFD
    "が.txt", // NFC
    "あ".repeat(85), // 255 bytes
    "x".repeat(255),
    "new\nline",
    "return\rtab\tbell\x07escape\x1b[31m",
    "quote \" and ' and ` and \\",
    "\\n no newline \\",
    " leading and trailing ",
    "-rf",
    "~$lock *.tmp",
    "#hash: colon?",
    "...",
    ".hidden",
    ".mikura",
    "SHA256SUMS",
    "\u2028<b>&amp;",
    "\ufeffBOM",
    "\ufffd",
    "__proto__",
    "😀.xlsx",
    "\ue000",
  ].map(rawFromText),
];

/** Every name as a file, as a folder with a file in it, and as the target of a link. */
export function fillNames(folder: string): void {
  const at = (part: string, name: RawName): Buffer =>
    rawToBytes(rawJoin(rawFromText(join(folder, part)), name));
  for (const part of ["files", "folders", "links"]) mkdirSync(join(folder, part));
  NASTY_NAMES.forEach((name, i) => {
    writeFileSync(at("files", name), `content ${i}`);
    mkdirSync(at("folders", name));
    writeFileSync(Buffer.concat([at("folders", name), Buffer.from("/inside")]), `inside ${i}`);
    symlinkSync(rawToBytes(name), at("links", name));
  });
}

/** Symbolic links of every kind, and hard links. */
export function fillLinks(folder: string): void {
  writeFileSync(join(folder, "file"), "one file");
  mkdirSync(join(folder, "inner"));
  for (const [name, target] of [
    ["to-file", "file"],
    ["to-folder", "inner"],
    ["dangling", "not/there"],
    ["absolute", "/etc/hostname"],
    ["absolute-dangling", "/no/such/place"],
    ["loop", "loop"],
    ["loop-a", "loop-b"],
    ["loop-b", "loop-a"],
    ["up", "../.."],
    ["dot", "."],
    ["long", `${"d/".repeat(2000)}end`],
  ] as const) {
    symlinkSync(target, join(folder, name));
  }
  lutimesSync(join(folder, "dangling"), 1_000_000_000.5, 1_000_000_000.5);
  linkSync(join(folder, "file"), join(folder, "file again"));
  linkSync(join(folder, "file"), join(folder, "inner/file once more"));
  writeFileSync(join(folder, "large"), noise("large", 3 * MIB));
  linkSync(join(folder, "large"), join(folder, "inner/large"));
  writeFileSync(join(folder, "empty"), "");
  linkSync(join(folder, "empty"), join(folder, "inner/empty"));
  writeFileSync(join(folder, "twin by content, not by inode"), "one file");
}

/** Modes with setuid, setgid and sticky, none at all, and for root other owners. */
export function fillModes(folder: string): void {
  for (const mode of [0, 0o400, 0o644, 0o755, 0o777, 0o1644, 0o2755, 0o4755, 0o6711, 0o7777]) {
    const name = mode.toString(8).padStart(4, "0");
    writeFileSync(join(folder, `file ${name}`), name);
    mkdirSync(join(folder, `folder ${name}`));
    writeFileSync(join(folder, `folder ${name}`, "inside"), name);
    if (AS_ROOT) {
      // Names of users may be missing: only the numbers are sure.
      chownSync(join(folder, `file ${name}`), 12_345, 54_321);
      chownSync(join(folder, `folder ${name}`), 1, 0);
    }
    chmodSync(join(folder, `file ${name}`), mode);
    chmodSync(join(folder, `folder ${name}`), AS_ROOT ? mode : mode | 0o500);
  }
}

/** Beyond 2262 restic 0.14 itself restores a wrong time. */
export const FAR_FUTURE = "2400-02-29T12:00:00.123456789Z";

export function fillTimes(folder: string): void {
  for (const time of [
    "1901-12-14T00:00:00.000000001Z",
    "1969-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:00Z",
    "2001-09-09T01:46:39.000000999Z",
    "2026-03-31T15:04:05.123456700Z",
    "2038-01-19T03:14:08.000000001Z",
    "2106-02-07T06:28:16.100000000Z",
    FAR_FUTURE,
  ]) {
    const file = join(folder, `file ${time}`);
    const inner = join(folder, `folder ${time}`);
    writeFileSync(file, time);
    mkdirSync(inner);
    writeFileSync(join(inner, "inside"), time);
    symlinkSync("inside", join(folder, `link ${time}`));
    for (const path of [file, inner, join(folder, `link ${time}`)])
      execFileSync("touch", ["--no-dereference", "-d", time, path]);
  }
}

const MIB = 1024 * 1024;

/** Sizes around every border of the chunker, and empty ones. */
export function fillSizes(folder: string): void {
  mkdirSync(join(folder, "empty folder"));
  mkdirSync(join(folder, "a/b/c/d/e"), { recursive: true });
  for (const size of [0, 1, 511, 512 * 1024, MIB - 1, MIB, MIB + 1, 4 * MIB - 1, 4 * MIB])
    writeFileSync(join(folder, `${size} bytes`), noise("sizes", size));
  for (const size of [4 * MIB + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1])
    writeFileSync(join(folder, `${size} bytes`), noise(`size ${size}`, size));
  writeFileSync(join(folder, "50 MB"), noise("50 MB", 50_000_000));
}

/** Files with holes, and one of zeros. */
export function fillHoles(folder: string): void {
  writeFileSync(join(folder, "zeros"), Buffer.alloc(9 * MIB));
  sparse(join(folder, "hole only"), 20 * MIB, []);
  sparse(join(folder, "hole at the end"), 20 * MIB, [0]);
  sparse(join(folder, "hole before"), 20 * MIB, [20 * MIB - 4096]);
  sparse(join(folder, "islands"), 30 * MIB, [0, 7 * MIB, 7 * MIB + 123_456, 21 * MIB]);
}

function sparse(path: string, size: number, islands: readonly number[]): void {
  const fd = openSync(path, "w");
  for (const at of islands) writeSync(fd, noise(`island ${at}`, 4096), 0, 4096, at);
  ftruncateSync(fd, size);
  closeSync(fd);
}

/** What is no file: a FIFO nobody writes to, a socket, and for root devices. The server is to be closed. */
export async function fillSpecials(folder: string): Promise<Disposable> {
  execFileSync("mkfifo", ["-m", "0640", join(folder, "fifo")]);
  if (AS_ROOT) {
    execFileSync("mknod", ["-m", "0606", join(folder, "null"), "c", "1", "3"]);
    execFileSync("mknod", [join(folder, "disk"), "b", "259", "1048575"]);
  }
  writeFileSync(join(folder, "beside"), "a file beside them");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
  return { [Symbol.dispose]: () => void server.close() };
}

/** Bytes that do not compress and are the same each time. */
export function noise(seed: string, size: number): Buffer {
  return createHash("shake256", { outputLength: size }).update(seed).digest();
}
