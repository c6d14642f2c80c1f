import { createCipheriv, createHash, hash } from "node:crypto";
import fs, {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { makeSpecial } from "../../base/libc.ts";
import { FINE, WHOLE_FILE, gearTable, nextCut } from "../../vault/chunker.ts";
import { type FileResult, FileSealer } from "./seal-file.ts";

const table = gearTable({
  encrypt: Buffer.alloc(32, 7),
  macK: Buffer.alloc(16, 1),
  macR: Buffer.alloc(16, 2),
});
const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16, 9), Buffer.alloc(16)).update(
  Buffer.alloc(20 << 20),
);

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mikura-seal-"));
  path = join(folder, "売掛金.csv");
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Sealed {
  readonly result: FileResult;
  readonly taken: readonly { id: string; plain: Buffer }[];
}

function seal(file: string | Buffer = path): Sealed {
  const taken: { id: string; plain: Buffer }[] = [];
  const sealer = new FileSealer(table, (id, plain) => {
    taken.push({ id: id.toString("hex"), plain: Buffer.from(plain) });
  });
  return { result: sealer.seal(Buffer.from(file as string)), taken };
}

/** The result, checked against the blobs that were taken: they are the content, whole and in order. */
function sealedAs(content: Buffer, stable = true): Sealed["taken"] {
  const { result, taken } = seal();
  expect(result).toMatchObject({ ok: true, stable });
  if (!result.ok) throw new Error(result.errno);
  expect(result.content.size).toBe(content.length);
  expect(Buffer.from(result.content.sha256)).toEqual(createHash("sha256").update(content).digest());
  const ids = Buffer.from(result.content.blobs).toString("hex").match(/.{64}/g) ?? [];
  expect(taken.slice(-ids.length || taken.length).map(({ id }) => id)).toEqual(ids);
  for (const { id, plain } of taken) expect(hash("sha256", plain)).toBe(id);
  return taken;
}

describe("FileSealer", () => {
  test.each([
    ["an empty file", 0, 0],
    ["one byte", 1, 1],
    ["a byte less than WHOLE_FILE", WHOLE_FILE - 1, 1],
    ["exactly WHOLE_FILE", WHOLE_FILE, 1],
  ])("makes of %s (%i bytes) %i blobs", (_what, size, blobs) => {
    const content = noise.subarray(0, size);
    writeFileSync(path, content);
    const taken = sealedAs(content);
    expect(taken).toHaveLength(blobs);
    expect(Buffer.concat(taken.map(({ plain }) => plain)).equals(content)).toBe(true);
  });

  test.each([
    ["a byte more than WHOLE_FILE", WHOLE_FILE + 1],
    ["a byte less than its buffer", (8 << 20) - 1],
    ["exactly its buffer", 8 << 20],
    ["a byte more than its buffer", (8 << 20) + 1],
    ["9 MB", 9_000_000],
    ["exactly two buffers", 16 << 20],
    ["20 MiB", 20 << 20],
  ])("cuts %s (%i bytes) as if the whole were in memory", (_what, size) => {
    const content = noise.subarray(0, size);
    writeFileSync(path, content);
    const plains = sealedAs(content).map(({ plain }) => plain);
    const lengths = plains.map(({ length }) => length);
    const cuts: number[] = [0];
    while (cuts.at(-1)! < size) cuts.push(nextCut(table, FINE, content, cuts.at(-1)!, size, true)!);
    expect(lengths).toEqual(cuts.slice(1).map((cut, i) => cut - cuts[i]!));
    expect(lengths.length).toBeGreaterThan(1);
    expect(Buffer.concat(plains).equals(content)).toBe(true);
  });

  it("seals one file after another with one buffer", () => {
    const ids: string[] = [];
    const sealer = new FileSealer(table, (id) => ids.push(id.toString("hex")));
    for (const size of [3_000_000, 10, 2_000_000, 0, 10]) {
      writeFileSync(path, noise.subarray(0, size));
      sealer.seal(Buffer.from(path));
    }
    expect(ids.filter((id) => id === hash("sha256", noise.subarray(0, 10)))).toHaveLength(2);
  });

  it("gives the state after reading, with a name that is no UTF-8", () => {
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe)]);
    writeFileSync(odd, "content");
    const { result } = seal(odd);
    expect(result.ok && result.stat.size).toBe(7n);
  });

  test.each([
    ["is gone", () => rmSync(path), "ENOENT"],
    [
      "became a link to a file",
      () => (renameSync(path, `${path}-2`), symlinkSync(`${path}-2`, path)),
      "ELOOP",
    ],
    [
      "became a FIFO, without waiting for its writer",
      () => (rmSync(path), makeSpecial(Buffer.from(path), 0o010600, 0n)),
      "ENOTFILE",
    ],
    ["became a folder", () => (rmSync(path), fs.mkdirSync(path)), "ENOTFILE"],
    ["became a link to itself", () => (rmSync(path), symlinkSync(path, path)), "ELOOP"],
    ["lies below what became a file", () => (path += "/below"), "ENOTDIR"],
  ])("says of a file that %s since it was found: %s", (_what, change, errno) => {
    writeFileSync(path, "content");
    change();
    expect(seal()).toEqual({ result: { ok: false, errno }, taken: [] });
  });
});

describe("FileSealer reading a file that changes", () => {
  const real = { readSync: fs.readSync };
  afterEach(() => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  });

  /** Does something before the n-th read of the file, which is at `position`. */
  function beforeRead(work: (nth: number, position: number) => void): void {
    let reads = 0;
    const hooked = (fd: number, buffer: Buffer, at: number, length: number, position: number) => {
      work(++reads, position);
      return real.readSync(fd, buffer, at, length, position);
    };
    fs.readSync = hooked as typeof fs.readSync;
    syncBuiltinESMExports();
  }

  it("reads it again, and keeps the content that stood still", () => {
    writeFileSync(path, noise.subarray(0, 1000));
    beforeRead((nth) => {
      if (nth === 2) appendFileSync(path, "!"); // when the first pass looks for the end
    });
    const content = Buffer.concat([noise.subarray(0, 1000), Buffer.from("!")]);
    expect(sealedAs(content)).toHaveLength(2);
  });

  it("keeps it as unstable after three readings, and what it says is what was read", () => {
    writeFileSync(path, "");
    let size = 0;
    beforeRead((_nth, position) => {
      if (position === 0) writeFileSync(path, noise.subarray(0, (size += 10)));
    });
    const { result, taken } = seal();
    expect(result).toMatchObject({ ok: true, stable: false });
    if (!result.ok) throw new Error(result.errno);
    expect(taken).toHaveLength(3);
    expect(result.content.size).toBe(taken.at(-1)!.plain.length);
    expect(hash("sha256", taken.at(-1)!.plain)).toBe(
      Buffer.from(result.content.sha256).toString("hex"),
    );
  });

  it("takes a small file that grows beyond WHOLE_FILE in chunks", () => {
    const content = noise.subarray(0, 3_000_000);
    writeFileSync(path, content.subarray(0, 10));
    beforeRead((nth) => {
      if (nth === 1) writeFileSync(path, content);
    });
    const taken = sealedAs(content);
    expect(taken.length).toBeGreaterThan(1);
    expect(Math.max(...taken.map(({ plain }) => plain.length))).toBeLessThan(content.length);
  });

  test.each([0, 5, WHOLE_FILE, 2_000_000])(
    "takes a large file that shrinks to %i bytes",
    (size) => {
      writeFileSync(path, noise.subarray(0, 10_000_000));
      beforeRead((nth) => {
        if (nth === 2) truncateSync(path, size);
      });
      const taken = sealedAs(noise.subarray(0, size));
      if (size === 0) expect(taken.every(({ plain }) => plain.length > 0)).toBe(true);
    },
  );

  it("notices a change of the same length by its times", () => {
    writeFileSync(path, "old content");
    beforeRead((nth) => {
      if (nth === 2) writeFileSync(path, "new content");
    });
    const taken = sealedAs(Buffer.from("new content"));
    expect(taken.map(({ plain }) => plain.toString())).toEqual(["old content", "new content"]);
  });

  it("says with its errno that a file cannot be read to its end", () => {
    writeFileSync(path, noise.subarray(0, 9_000_000));
    beforeRead((nth) => {
      if (nth > 1) throw Object.assign(new Error("EIO"), { code: "EIO" });
    });
    expect(seal().result).toEqual({ ok: false, errno: "EIO" });
  });

  it("throws on what is no trouble of the file, such as a failed self-check", () => {
    writeFileSync(path, "content");
    const sealer = new FileSealer(table, () => {
      throw new Error("self-check");
    });
    expect(() => sealer.seal(Buffer.from(path))).toThrow("self-check");
  });
});
