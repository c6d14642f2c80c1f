import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { RawName } from "../../base/raw-name.ts";
import type { TreeNode } from "../../vault/tree.ts";
import type { VaultReader } from "../common/vault-reader.ts";
import { type FileTask, type Part, locate, partsOfLong, partsOfSmall } from "./file-parts.ts";

const MAX_PART = 8 * 1024 * 1024;
const MAX_GAP = 128 * 1024;

const task = (file: number, content: readonly string[] = []): FileTask => ({
  file,
  path: `/out/${file}` as RawName,
  node: {
    mode: 420,
    mtime: 5n,
    uid: 1,
    gid: 2,
    size: undefined,
    content,
  } as unknown as TreeNode,
  sha256: undefined,
});
type Located = NonNullable<ReturnType<typeof locate>>[number];
const at = (pack: string, offset: number, length: number): Located => ({
  pack,
  offset,
  blob: {
    id: `${pack}${offset}`,
    type: 0,
    length,
    rawLength: length - 32,
  },
});

const anywhere = fc.record({
  pack: fc.constantFrom("a", "b", "c"),
  offset: fc.oneof(fc.nat(1_000_000), fc.nat(40_000_000)),
  length: fc.oneof(fc.integer({ min: 32, max: 5000 }), fc.integer({ min: 32, max: MAX_PART + 10 })),
});

/** Where the blob of a piece lies in its pack, as the part says. */
const places = (part: Part): string[] =>
  part.pieces.flatMap(({ blobs }) =>
    blobs.map((blob) => `${part.pack} ${part.offset + blob.at} ${blob.length} ${blob.id}`),
  );
const inside = (part: Part): boolean =>
  part.pieces.every(({ blobs }) => blobs.every((b) => b.at >= 0 && b.at + b.length <= part.length));

describe("partsOfSmall", () => {
  it("covers every blob of every file once, within bounds, each part read in order", () => {
    fc.assert(
      fc.property(fc.array(anywhere, { maxLength: 40 }), (blobs) => {
        const files = blobs.map((one, i) => ({
          task: task(i),
          at: at(one.pack, one.offset, one.length),
        }));
        const parts = partsOfSmall(files);
        const wanted = files.map(
          (one) => `${one.at.pack} ${one.at.offset} ${one.at.blob.length} ${one.at.blob.id}`,
        );
        expect(parts.flatMap(places).toSorted()).toEqual(wanted.toSorted());
        const numbers = parts.flatMap(({ pieces }) => pieces.map(({ file }) => file));
        expect(numbers.toSorted((a, b) => a - b)).toEqual(blobs.map((_, i) => i));
        for (const part of parts) {
          expect(inside(part)).toBe(true);
          const blobs = part.pieces.flatMap((piece) => piece.blobs.map(({ length }) => length));
          expect(part.length).toBeLessThanOrEqual(Math.max(MAX_PART, ...blobs));
          expect(part.pieces.every(({ first, last }) => first && last)).toBe(true);
        }
        const order = parts.map(({ pack, offset }) => [pack, offset] as const);
        expect(order).toEqual(
          order.toSorted(([p, o], [q, r]) => (p === q ? o - r : p < q ? -1 : 1)),
        );
      }),
      { numRuns: 300 },
    );
  });

  const two = (first: Located, second: Located): number =>
    partsOfSmall([
      { task: task(0), at: second },
      { task: task(1), at: first },
    ]).length;
  test.each([
    ["that lie side by side", at("a", 0, 100), at("a", 100, 100), 1],
    ["with a small gap between", at("a", 0, 100), at("a", 100 + MAX_GAP, 100), 1],
    ["with a gap one byte larger", at("a", 0, 100), at("a", 101 + MAX_GAP, 100), 2],
    ["in two packs", at("a", 0, 100), at("b", 100, 100), 2],
    ["that fill a part", at("a", 0, MAX_PART - 100), at("a", MAX_PART - 100, 100), 1],
    ["that fill more than a part", at("a", 0, MAX_PART - 100), at("a", MAX_PART - 100, 101), 2],
    ["that are the same blob", at("a", 50, 100), at("a", 50, 100), 1],
  ])("reads two blobs %s in %#", (_what, first, second, parts) => {
    expect(two(first, second)).toBe(parts);
  });

  it("makes nothing of nothing", () => {
    expect(partsOfSmall([])).toEqual([]);
  });
});

describe("partsOfLong", () => {
  it("gives the blobs of the file in its order, whole, the first and last piece marked", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anywhere, fc.boolean()), { minLength: 1, maxLength: 30 }),
        (blobs) => {
          // Many blobs follow the one before in its pack, as a long file's do.
          const list: Located[] = [];
          for (const [{ pack, offset, length }, follows] of blobs) {
            const last = list.at(-1);
            list.push(
              last && follows
                ? at(last.pack, last.offset + last.blob.length, length)
                : at(pack, offset, length),
            );
          }
          const parts = partsOfLong(task(3), list);
          expect(parts.flatMap(places)).toEqual(
            list.map((one) => `${one.pack} ${one.offset} ${one.blob.length} ${one.blob.id}`),
          );
          const pieces = parts.map((part) => part.pieces);
          expect(pieces.every(({ length }) => length === 1)).toBe(true);
          expect(pieces.map(([piece]) => piece!.first)).toEqual(parts.map((_, i) => i === 0));
          expect(pieces.map(([piece]) => piece!.last)).toEqual(
            parts.map((_, i) => i === parts.length - 1),
          );
          for (const part of parts) {
            const blobsLength = part.pieces[0]!.blobs.reduce((sum, { length }) => sum + length, 0);
            expect(part.length, "nothing between the blobs").toBe(blobsLength);
            expect(part.length <= MAX_PART || part.pieces[0]!.blobs.length === 1).toBe(true);
            expect(inside(part)).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("reads blobs in one part while they follow each other and fit", () => {
    const third = MAX_PART / 4;
    const row = [0, 1, 2, 3, 4].map((n) => at("a", n * third, third));
    expect(partsOfLong(task(0), row).map(({ length }) => length)).toEqual([MAX_PART, third]);
    expect(partsOfLong(task(0), [at("a", 100, 50), at("a", 0, 100)])).toHaveLength(2);
    expect(partsOfLong(task(0), [at("a", 0, 100), at("b", 100, 100)])).toHaveLength(2);
    expect(partsOfLong(task(0), [at("a", 0, MAX_PART + 1)])).toHaveLength(1);
  });
});

describe("locate", () => {
  const reader = {
    index: {
      find: (kind: string, id: string) =>
        kind === "data" && id !== "unknown"
          ? { packName: `pack of ${id}`, offset: 7, length: 40, rawLength: 8, type: 2 }
          : undefined,
    },
  } as unknown as VaultReader;

  it("says where each blob of a file lies, in the order of the file", () => {
    const blob = { type: 2, length: 40, rawLength: 8 };
    expect(locate(reader, task(0, ["x", "y", "x"]))).toEqual(
      ["x", "y", "x"].map((id) => ({ pack: `pack of ${id}`, offset: 7, blob: { id, ...blob } })),
    );
    expect(locate(reader, task(0))).toEqual([]);
  });

  it("gives nothing at all where the index does not know one blob", () => {
    expect(locate(reader, task(0, ["x", "unknown"]))).toBeUndefined();
  });
});
