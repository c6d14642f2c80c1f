import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RawName } from "../../base/raw-name.ts";
import type { TreeNode } from "../../vault/tree.ts";
import { encodeBatch, readBatch } from "./file-batch.ts";
import type { PlacedFile } from "./file-parts.ts";

const uint32 = fc.nat(0xffff_ffff);
const part = fc.constantFrom("a", "売掛", "\xff\x01", "a/b");
const file = fc.record({
  folder: part.map((name) => `/out/${Buffer.from(name).toString("latin1")}`),
  name: part.map((name) => Buffer.from(name.replace("/", "-")).toString("latin1")),
  mode: fc.nat(0o777),
  uid: uint32,
  gid: uint32,
  mtime: fc.bigInt({ min: -62_167_219_200_000_000_000n, max: 253_402_300_799_999_999_999n }),
  id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  place: fc.option(
    fc.record({
      pack: fc.nat(9),
      offset: uint32,
      length: uint32,
      rawLength: uint32,
      type: fc.nat(3),
    }),
    { nil: undefined },
  ),
});

test("a batch says of each file what its node and place say", () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 20 }), fc.nat(1000), (files, before) => {
      const placed: PlacedFile[] = files.map((one) => ({
        task: {
          path: `${one.folder}/${one.name}` as RawName,
          node: { ...one, content: [Buffer.from(one.id).toString("hex")] } as unknown as TreeNode,
          sha256: undefined,
        },
        place: one.place && { ...one.place, offset: Math.max(before, one.place.offset) },
      }));
      let folder = "";
      const read: unknown[] = [];
      readBatch(encodeBatch(placed, before), (one) => {
        if (one.folder) folder = Buffer.from(one.folder).toString("latin1");
        const { file: number, at, length, rawLength, type, mode, uid, gid } = one;
        read.push({
          number,
          path: `${folder}/${Buffer.from(one.name).toString("latin1")}`,
          mtime: BigInt(one.seconds) * 1_000_000_000n + BigInt(one.nanoseconds),
          blob: length > 0 ? { at, length, rawLength, type, id: [...one.id] } : undefined,
          mode,
          uid,
          gid,
        });
      });
      expect(read).toEqual(
        files.map(({ mode, uid, gid, mtime, id }, number) => {
          const { task, place } = placed[number]!;
          const blob = place?.length
            ? {
                at: place.offset - before,
                length: place.length,
                rawLength: place.rawLength,
                type: place.type,
                id: [...id],
              }
            : undefined;
          return { number, path: task.path, mtime, blob, mode, uid, gid };
        }),
      );
    }),
  );
});
