import { createCipheriv, createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** A kind of source, made the same for the same seed and scale. */
export interface Corpus {
  readonly name: "office" | "database" | "small";
  readonly about: string;
  make(folder: string, seed: number, scale: number): void;
  /** Changes 1% of the files, or of the pages of the databases. */
  change(folder: string, seed: number): void;
}

const MIB = 1024 * 1024;

export const CORPORA: readonly Corpus[] = [
  {
    name: "office",
    about: "20,000 files, 2 GB, half of it compressible",
    make(folder, seed, scale) {
      const random = new Seeded(`office ${seed}`);
      const count = Math.round(20_000 * scale);
      for (let i = 0; i < count; i++) {
        const parent = join(folder, `folder-${Math.floor(i / 100)}`);
        mkdirSync(parent, { recursive: true });
        // Exponential sizes with a mean of 100 KB: many small files, few large ones.
        const size = Math.min(5 * MIB, Math.round(-Math.log(1 - random.unit()) * 100_000) + 100);
        writeFileSync(
          join(parent, `document-${i}.dat`),
          i % 2 ? random.bytes(size) : random.text(size),
        );
      }
    },
    change: (folder, seed) => changeFiles(folder, seed),
  },
  {
    name: "database",
    about: "two database-like files of 1 GB",
    make(folder, seed, scale) {
      mkdirSync(folder, { recursive: true });
      const random = new Seeded(`database ${seed}`);
      for (const name of ["ledger.db", "mail.db"]) {
        const fd = openSync(join(folder, name), "w");
        for (let i = 0; i < 1024 * scale; i++) {
          // Pages of records: half text that compresses, half that does not.
          writeSync(fd, Buffer.concat([random.text(MIB / 2), random.bytes(MIB / 2)]));
        }
        closeSync(fd);
      }
    },
    change(folder, seed) {
      const random = new Seeded(`pages ${seed}`);
      for (const name of readdirSync(folder)) {
        const fd = openSync(join(folder, name), "r+");
        const pages = Math.floor(statSync(join(folder, name)).size / 4096);
        for (let i = 0; i < pages / 100; i++) {
          writeSync(fd, random.bytes(4096), 0, 4096, Math.floor(random.unit() * pages) * 4096);
        }
        closeSync(fd);
      }
    },
  },
  {
    name: "small",
    about: "200,000 files of 2 KB on average",
    make(folder, seed, scale) {
      const random = new Seeded(`small ${seed}`);
      const count = Math.round(200_000 * scale);
      for (let i = 0; i < count; i++) {
        const parent = join(folder, `folder-${Math.floor(i / 1000)}`);
        if (i % 1000 === 0) mkdirSync(parent, { recursive: true });
        const size = 100 + Math.floor(random.unit() * 3900);
        const half = Math.floor(size / 2);
        writeFileSync(
          join(parent, `note-${i}.txt`),
          Buffer.concat([random.text(half), random.bytes(size - half)]),
        );
      }
    },
    change: (folder, seed) => changeFiles(folder, seed),
  },
];

/** Writes every hundredth file anew. */
function changeFiles(folder: string, seed: number): void {
  const random = new Seeded(`change ${seed}`);
  let i = 0;
  for (const name of readdirSync(folder).sort()) {
    for (const file of readdirSync(join(folder, name)).sort()) {
      if (i++ % 100 !== 0) continue;
      const path = join(folder, name, file);
      writeFileSync(path, Buffer.concat([readFileSync(path), random.bytes(50)]));
    }
  }
}

/** Bytes that depend on a seed alone: the key stream of a cipher, which is fast and the same everywhere. */
class Seeded {
  readonly #stream;
  #words: string[] = [];

  constructor(seed: string) {
    const key = createHash("sha256").update(seed).digest();
    this.#stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
    this.#words = Array.from({ length: 4096 }, () => this.bytes(4).toString("hex").slice(0, 7));
  }

  bytes(size: number): Buffer {
    return this.#stream.update(Buffer.alloc(size));
  }

  /** From 0 up to, but not, 1. */
  unit(): number {
    return this.bytes(4).readUInt32LE() / 2 ** 32;
  }

  /** Text of a small vocabulary: compresses to about two fifths. */
  text(size: number): Buffer {
    const picks = new Uint16Array(new Uint8Array(this.bytes(2 * Math.ceil(size / 8) + 2)).buffer);
    let text = "";
    for (const pick of picks) text += `${this.#words[pick & 4095]!} `;
    return Buffer.from(text, "latin1").subarray(0, size);
  }
}
