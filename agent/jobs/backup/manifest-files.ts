import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { type RawName, rawJoin } from "../../base/raw-name.ts";
import {
  MANIFEST_HEAD,
  type ManifestEntry,
  manifestLine,
  manifestTail,
  sumLine,
} from "../../vault/manifest.ts";
import { RecordCursor } from "./memory-cursor.ts";
import { header } from "./memory-records.ts";

const FLUSH_AT = 1 << 20;

/**
 * Writes SHA256SUMS and manifest.json from what the scan saw. The folders above the dataset's are
 * left out: they are not its content, and their times change with everything beside it.
 *
 * @param memory the scan memory as written by this run
 * @param folders the dataset's folders, absolute
 */
export function writeManifestFiles(
  memory: { path: string; scope: string },
  folders: readonly RawName[],
  skipped: readonly string[],
  out: { sums: string; manifest: string },
): void {
  const sums = new LineFile(out.sums, "latin1");
  const manifest = new LineFile(out.manifest, "utf8");
  manifest.write(MANIFEST_HEAD);
  let first = true;
  for (const entry of entriesOf(memory, new Set(folders))) {
    manifest.write(manifestLine(entry, first));
    first = false;
    if (entry.sha256 !== undefined) sums.write(sumLine(entry.path, entry.sha256));
  }
  manifest.write(manifestTail(skipped));
  manifest.close();
  sums.close();
}

function* entriesOf(
  memory: { path: string; scope: string },
  folders: ReadonlySet<RawName>,
): Generator<ManifestEntry> {
  const cursor = new RecordCursor(readFileSync(memory.path), header(memory.scope).length);
  let at = "" as RawName; // path of the folder we are in, without a leading "/"
  let inside = 0; // depth below a dataset's folder, 0 above it
  for (const record of cursor.records()) {
    if (record.kind === "enter") {
      at = rawJoin(at, record.name);
      if (inside > 0 || folders.has(`/${at}` as RawName)) inside++;
      continue;
    }
    if (record.kind === "leave") {
      if (inside > 0) {
        inside--;
        yield { path: at, type: "dir", mode: record.mode, mtime: record.mtime };
      }
      at = at.slice(0, Math.max(0, at.lastIndexOf("/"))) as RawName;
      continue;
    }
    const path = rawJoin(at, record.name);
    const { mode, mtime } = record;
    if (record.kind === "file") {
      const sha256 = Buffer.from(record.sha256).toString("hex");
      yield { path, type: "file", mode, mtime, size: Number(record.size), sha256 };
    } else if (record.target !== undefined) {
      yield { path, type: "symlink", mode, mtime, target: record.target };
    } else {
      yield { path, type: "other", mode, mtime };
    }
  }
}

/** A file written in large pieces. */
class LineFile {
  readonly #fd: number;
  readonly #encoding: BufferEncoding;
  #text = "";

  constructor(path: string, encoding: BufferEncoding) {
    this.#fd = openSync(path, "w", 0o600);
    this.#encoding = encoding;
  }

  write(line: string): void {
    this.#text += line;
    if (this.#text.length >= FLUSH_AT) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #flush(): void {
    writeFileSync(this.#fd, this.#text, this.#encoding); // by a descriptor it goes on where it was
    this.#text = "";
  }
}
