import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { RawName } from "../../base/raw-name.ts";
import { BlobIndex, type BlobPlace } from "../../vault/blob-index.ts";
import { idOf } from "../../vault/ids.ts";
import type { TreeNode } from "../../vault/tree.ts";
import {
  type FilesPart,
  MAX_FILES,
  MAX_PART,
  type PlacedFile,
  partsOfSmall,
  plainSize,
  rangesOf,
} from "./file-parts.ts";

const MAX_GAP = 128 * 1024;

const at = (pack: number, offset: number, length: number): BlobPlace => ({
  pack,
  offset,
  length,
  rawLength: length - 32,
  type: 0,
});
const placed = (place: BlobPlace | undefined, i: number): PlacedFile => ({
  task: { path: `/out/${i}` as RawName, node: {} as TreeNode, sha256: undefined },
  place,
});

const anywhere = fc
  .record({
    pack: fc.nat(2),
    offset: fc.oneof(fc.nat(1_000_000), fc.nat(40_000_000)),
    length: fc.oneof(
      fc.integer({ min: 32, max: 5000 }),
      fc.integer({ min: 32, max: MAX_PART + 10 }),
    ),
  })
  .map(({ pack, offset, length }) => at(pack, offset, length));

const inside = ({ offset, length, files }: FilesPart): boolean =>
  files.every(({ place }) => {
    const from = place?.offset ?? offset;
    return from >= offset && from + (place?.length ?? 0) <= offset + length;
  });

describe("partsOfSmall", () => {
  it("covers every file once, within bounds, each part read in order", () => {
    const maybe = fc.option(anywhere, { nil: undefined, freq: 5 });
    fc.assert(
      fc.property(fc.array(maybe, { maxLength: 40 }), (places) => {
        const files = places.map(placed);
        const parts = partsOfSmall(files);
        expect(new Set(parts.flatMap((part) => part.files))).toEqual(new Set(files));
        expect(parts.flatMap((part) => part.files)).toHaveLength(files.length);
        for (const part of parts) {
          expect(inside(part)).toBe(true);
          expect(part.files.every(({ place }) => (place?.pack ?? -1) === part.pack)).toBe(true);
          const largest = Math.max(MAX_PART, ...part.files.map(({ place }) => place?.length ?? 0));
          expect(part.length).toBeLessThanOrEqual(largest);
        }
        const order = parts.map(({ pack, offset }) => [pack, offset] as const);
        expect(order).toEqual(order.toSorted(([p, o], [q, r]) => (p === q ? o - r : p - q)));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["that lie side by side", at(0, 0, 100), at(0, 100, 100), 1],
    ["with a small gap between", at(0, 0, 100), at(0, 100 + MAX_GAP, 100), 1],
    ["with a gap one byte larger", at(0, 0, 100), at(0, 101 + MAX_GAP, 100), 2],
    ["in two packs", at(0, 0, 100), at(1, 100, 100), 2],
    ["that fill a part", at(0, 0, MAX_PART - 100), at(0, MAX_PART - 100, 100), 1],
    ["that fill more than a part", at(0, 0, MAX_PART - 100), at(0, MAX_PART - 100, 101), 2],
    ["that are the same blob", at(0, 50, 100), at(0, 50, 100), 1],
  ])("reads two blobs %s in %#", (_what, first, second, parts) => {
    expect(partsOfSmall([second, first].map(placed))).toHaveLength(parts);
  });

  it("ends a part after so many files, with content or without", () => {
    const empty = Array.from({ length: MAX_FILES + 1 }, (_, i) => placed(undefined, i));
    expect(partsOfSmall(empty).map(({ files }) => files.length)).toEqual([MAX_FILES, 1]);
    expect(partsOfSmall([])).toEqual([]);
  });
});

describe("rangesOf", () => {
  /** An index of blobs at these places, and their ids. */
  function indexed(places: readonly BlobPlace[]): { index: BlobIndex; content: string[] } {
    const index = BlobIndex.create(1024);
    const content = places.map(({ pack, offset, length }) => {
      const id = idOf(Buffer.from(`${pack} ${offset} ${length}`));
      index.locate(Buffer.from(id, "hex"), at(pack, offset, length));
      return id;
    });
    return { index, content };
  }
  const rangesAt = (places: readonly BlobPlace[]): number => {
    const { index, content } = indexed(places);
    return [...rangesOf(index, content)].length;
  };

  it("gives the blobs of the file in its order, one behind the other, in bounded ranges", () => {
    const row = fc.array(fc.tuple(anywhere, fc.boolean()), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(row, (blobs) => {
        // Many blobs follow the one before in its pack, as a long file's do.
        const places: BlobPlace[] = [];
        for (const [{ pack, offset, length }, follows] of blobs) {
          const last = places.at(-1);
          places.push(
            last && follows
              ? at(last.pack, last.offset + last.length, length)
              : at(pack, offset, length),
          );
        }
        const { index, content } = indexed(places);
        const ranges = [...rangesOf(index, content)];
        expect(ranges.flatMap(({ blobs }) => blobs.map(({ id }) => id))).toEqual(content);
        let position = 0;
        for (const range of ranges) {
          expect(range.position).toBe(position);
          position += range.plainLength;
          let end = 0;
          for (const blob of range.blobs) {
            expect(blob.at, "nothing between the blobs").toBe(end);
            end += blob.length;
          }
          expect(range.length).toBe(end);
          expect(range.length <= MAX_PART || range.blobs.length === 1).toBe(true);
        }
        expect(position).toBe(plainSize(index, content));
      }),
      { numRuns: 200 },
    );
  });

  it("reads blobs together while they follow each other and fit", () => {
    const quarter = MAX_PART / 4;
    expect(rangesAt([0, 1, 2, 3, 4].map((n) => at(0, n * quarter, quarter)))).toBe(2);
    expect(rangesAt([at(0, 100, 50), at(0, 0, 100)])).toBe(2);
    expect(rangesAt([at(0, 0, 100), at(1, 100, 100)])).toBe(2);
    expect(rangesAt([at(0, 0, MAX_PART + 1)])).toBe(1);
  });

  it("bounds the plaintext, too, however well it was compressed", () => {
    const index = BlobIndex.create(1024);
    const content = [0, 1, 2].map((n) => idOf(Buffer.of(n)));
    content.forEach((id, n) => {
      const place = { ...at(0, n * 100, 100), rawLength: MAX_PART };
      index.locate(Buffer.from(id, "hex"), place);
    });
    expect([...rangesOf(index, content)]).toHaveLength(3);
  });

  it("knows no size where the index does not know one blob", () => {
    const { index, content } = indexed([at(0, 0, 100)]);
    expect(plainSize(index, [...content, "ab".repeat(32)])).toBeUndefined();
    expect(plainSize(index, [])).toBe(0);
  });
});
