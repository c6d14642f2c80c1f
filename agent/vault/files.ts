import { Fault } from "../base/fault.ts";
import type { MasterKey } from "./master-key.ts";
import { open, seal } from "./seal.ts";
import { compress, decompress, decompressInto } from "./zstd.ts";
import { statedSize } from "./zstd-frame.ts";

// Index, snapshot and lock files: sealed, with a version byte before the zstd frame (format v2).
const VERSION_2 = 2;
const OPEN_BRACKET = "[".charCodeAt(0);
const OPEN_BRACE = "{".charCodeAt(0);

/** Largest index or snapshot file that is opened (plaintext bytes): restic flushes at some 8 MiB. */
const MAX_PLAIN = 512 * 1024 * 1024;

/** The sealed file of a JSON text. Opened again before it is returned. */
export function sealFile(key: MasterKey, json: string | Buffer): Buffer {
  const plain = Buffer.from(json);
  const file = seal(key, Buffer.concat([Buffer.of(VERSION_2), compress(plain)]));
  if (!openFile(key, file)?.equals(plain)) {
    throw new Fault("self-check", {
      what: {
        ja: "書いたばかりの索引を開き直したところ、元と一致しませんでした",
        en: "An index that had just been sealed did not open to what it was",
      },
      next: {
        ja: "このパソコンのメモリ診断を行ってください",
        en: "Run a memory test on this computer",
      },
    });
  }
  return file;
}

/** The JSON of a sealed file; undefined where it is not authentic or of no known form. */
export function openFile(key: MasterKey, file: Uint8Array): Buffer | undefined {
  const plain = open(key, file);
  if (!plain) return undefined;
  const first = plain[0];
  // Version 1 repositories have the JSON itself; restic also accepts an empty file.
  if (first === undefined || first === OPEN_BRACKET || first === OPEN_BRACE) return plain;
  return first === VERSION_2 ? unpack(plain.subarray(1)) : undefined;
}

/** At once where the frame says how long its content is; piece by piece an index takes twice as long. */
function unpack(frame: Uint8Array): Buffer | undefined {
  const size = statedSize(frame);
  if (size !== undefined && size <= MAX_PLAIN) {
    const plain = Buffer.allocUnsafeSlow(size);
    if (decompressInto(frame, plain)) return plain;
  }
  return decompress(frame, MAX_PLAIN);
}
