import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type RawName, rawCompare } from "../../base/raw-name.ts";
import type { RecordCursor } from "./memory-cursor.ts";
import type { MemoryFile, MemoryFolder, MemorySpecial, MemoryStamp } from "./memory-records.ts";
import { ScanMemoryWriter, openMemory } from "./scan-memory.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mikura-memory-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Entry =
  | { readonly kind: "file"; readonly name: RawName; readonly is: MemoryFile }
  | { readonly kind: "special"; readonly name: RawName; readonly is: MemorySpecial }
  | Folder;
interface Folder {
  readonly kind: "folder";
  readonly name: RawName;
  readonly device: bigint;
  readonly is: MemoryFolder;
  readonly inside: readonly Entry[];
}

const bytesOf = (size: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat(0xffff_ffff);
const time = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
const stamp: fc.Arbitrary<MemoryStamp> = fc.record({
  mtime: time,
  ctime: time,
  inode: uint64,
  mode: fc.nat(4095),
});
// Few names, so that a later tree has the same ones in other places and of other kinds.
const name = fc
  .oneof(
    fc.constantFrom("a", "b", "c", "a-", "売", "\xff"),
    fc.string({ minLength: 1, maxLength: 9 }),
  )
  .map((text) => Buffer.from(text).toString("latin1") as RawName);
const file = fc
  .tuple(
    stamp,
    fc.bigInt({ min: 0n, max: 2n ** 62n }),
    fc.nat(3).chain((n) => bytesOf(32 * n)),
    bytesOf(32),
  )
  .map(([is, size, blobs, sha256]) => ({ ...is, size, blobs, sha256 }));
const target = fc.option(name, { nil: undefined });

const { entry } = fc.letrec<{ entry: Entry }>((tie) => ({
  entry: fc.oneof(
    { maxDepth: 3 },
    fc.record({ kind: fc.constant("file" as const), name, is: file }),
    fc.record({
      kind: fc.constant("special" as const),
      name,
      is: fc.tuple(stamp, target).map(([is, to]) => ({ ...is, target: to })),
    }),
    fc.record({
      kind: fc.constant("folder" as const),
      name,
      device: uint64,
      inside: levelOf(tie("entry")),
      is: fc.tuple(stamp, bytesOf(32), uint32).map(([is, tree, count]) => ({
        ...is,
        tree,
        count,
      })),
    }),
  ),
}));
const tree = levelOf(entry);

/** Entries of one folder, in the order of the scan. */
function levelOf(one: fc.Arbitrary<Entry>): fc.Arbitrary<Entry[]> {
  return fc
    .uniqueArray(one, { selector: (item) => item.name, maxLength: 6 })
    .map((entries) => entries.toSorted((a, b) => rawCompare(a.name, b.name)));
}

function write(writer: ScanMemoryWriter, entries: readonly Entry[]): void {
  for (const one of entries) {
    if (one.kind === "file") writer.file(one.name, one.is);
    else if (one.kind === "special") writer.special(one.name, one.is);
    else {
      writer.enter(one.name, one.device);
      write(writer, one.inside);
      writer.leave(one.is);
    }
  }
}

let memories = 0;
function memoryOf(entries: readonly Entry[]): RecordCursor {
  const path = join(folder, `memory-${memories++}`);
  const writer = new ScanMemoryWriter(path, "scope");
  write(writer, entries);
  const sha256 = writer.commit();
  expect(createHash("sha256").update(readFileSync(path)).digest("hex")).toBe(sha256);
  const cursor = openMemory(path, "scope", sha256);
  rmSync(path);
  return cursor!;
}

/** What a later scan of `now` is told, against what `before` really had at each path. */
function walk(
  cursor: RecordCursor,
  now: readonly Entry[],
  before: readonly Entry[] | undefined,
): void {
  const known = new Map((before ?? []).map((one) => [one.name, one]));
  for (const one of now) {
    const was = known.get(one.name);
    if (one.kind === "folder") {
      const same = was?.kind === "folder" ? was : undefined;
      expect(cursor.enter(one.name)).toBe(same?.device);
      walk(cursor, one.inside, same?.inside);
      expect(cursor.leave()).toEqual(same && { kind: "leave", ...same.is });
    } else {
      const told = one.kind === "file" ? cursor.file(one.name) : cursor.special(one.name);
      expect(told).toEqual(
        was?.kind === one.kind ? { kind: one.kind, name: one.name, ...was.is } : undefined,
      );
    }
  }
}

/** Some of the old entries, new ones among them, renamed ones, and changes inside folders. */
const edits = fc.array(fc.tuple(fc.constantFrom("drop", "rename", "inside", "keep"), name, entry), {
  maxLength: 6,
});
function edited(
  before: readonly Entry[],
  changes: typeof edits extends fc.Arbitrary<infer T> ? T : never,
): Entry[] {
  const byName = new Map(before.map((one) => [one.name, one]));
  changes.forEach(([change, newName, extra], i) => {
    const one = before[i % Math.max(1, before.length)];
    if (one && change === "drop") byName.delete(one.name);
    if (one && change === "rename") {
      byName.delete(one.name);
      byName.set(newName, { ...one, name: newName });
    }
    if (one?.kind === "folder" && change === "inside") {
      byName.set(one.name, { ...one, inside: edited(one.inside, changes.slice(1)) });
    }
    if (change === "keep") byName.set(extra.name, extra);
  });
  return [...byName.values()].toSorted((a, b) => rawCompare(a.name, b.name));
}

describe("a memory", () => {
  it("tells a later scan what each thing was, whatever came, went or was renamed", () => {
    fc.assert(
      fc.property(tree, edits, (before, changes) => {
        walk(memoryOf(before), edited(before, changes), before);
      }),
      { numRuns: 300 },
    );
  });

  it("knows nothing of a tree that shares nothing but names", () => {
    fc.assert(
      fc.property(tree, tree, (before, now) => walk(memoryOf(before), now, before)),
      { numRuns: 300 },
    );
  });

  it("gives every record back from end to end", () => {
    const flat = (entries: readonly Entry[]): object[] =>
      entries.flatMap((one) =>
        one.kind === "folder"
          ? [
              { kind: "enter", name: one.name, device: one.device },
              ...flat(one.inside),
              { kind: "leave", ...one.is },
            ]
          : [{ kind: one.kind, name: one.name, ...one.is }],
      );
    fc.assert(
      fc.property(tree, (entries) => {
        expect([...memoryOf(entries).records()]).toEqual(flat(entries));
      }),
    );
  });

  it("tells a link to nowhere from no link", () => {
    const is = { mtime: 0n, ctime: 0n, inode: 0n, mode: 0 };
    const cursor = memoryOf([
      { kind: "special", name: "a" as RawName, is: { ...is, target: "" as RawName } },
      { kind: "special", name: "b" as RawName, is: { ...is, target: undefined } },
    ]);
    expect([
      cursor.special("a" as RawName)?.target,
      cursor.special("b" as RawName)?.target,
    ]).toEqual(["", undefined]);
  });
});

describe("openMemory", () => {
  const sample = (path: string): string => {
    const writer = new ScanMemoryWriter(path, "scope");
    writer.enter("srv" as RawName, 1n);
    return writer.commit();
  };

  it("opens what was committed, and only with the hash that commit gave", () => {
    const path = join(folder, "hash");
    const sha256 = sample(path);
    expect(openMemory(path, "scope", sha256)?.enter("srv" as RawName)).toBe(1n);
    expect(openMemory(path, "scope", "0".repeat(64))).toBeUndefined();
    expect(openMemory(path, "scope", undefined)).toBeUndefined();
  });

  test.each([
    ["of another scope", (path: string) => path, "another scope"],
    ["that is not there", (path: string) => `${path}-missing`, "scope"],
  ])("takes none %s", (_what, at, scope) => {
    const path = join(folder, "none");
    const sha256 = sample(path);
    expect(openMemory(at(path), scope, sha256)).toBeUndefined();
  });

  it("takes none with any byte changed or cut off", () => {
    const path = join(folder, "damaged");
    const sha256 = sample(path);
    const bytes = readFileSync(path);
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i]! ^= 1;
      writeFileSync(path, damaged);
      expect(openMemory(path, "scope", sha256), `byte ${i}`).toBeUndefined();
      writeFileSync(path, bytes.subarray(0, i));
      expect(openMemory(path, "scope", sha256), `cut at ${i}`).toBeUndefined();
    }
  });

  it("leaves the memory of before in place until commit", () => {
    const path = join(folder, "commit");
    const old = sample(path);
    const writer = new ScanMemoryWriter(path, "scope");
    writer.enter("other" as RawName, 2n);
    writer.flush();
    expect(openMemory(path, "scope", old)?.enter("srv" as RawName)).toBe(1n);
    const sha256 = writer.commit();
    expect(openMemory(path, "scope", old)).toBeUndefined();
    expect(openMemory(path, "scope", sha256)?.enter("other" as RawName)).toBe(2n);
  });

  it("holds more than one buffer's worth", () => {
    const path = join(folder, "large");
    const writer = new ScanMemoryWriter(path, "scope");
    const is = { mtime: 1n, ctime: 2n, inode: 3n, mode: 4, size: 5n, sha256: randomBytes(32) };
    const names = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(6, "0") as RawName);
    for (const one of names) writer.file(one, { ...is, blobs: randomBytes(64) });
    const cursor = openMemory(path, "scope", writer.commit())!;
    const wrong = names.filter((one) => cursor.file(one)?.blobs.length !== 64);
    expect(wrong).toEqual([]);
  });
});
