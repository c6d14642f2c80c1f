import { createHash, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONFIG, type ListedKind, type ObjectRef, type Store } from "../../agent/copies/store.ts";

/** A store under test, empty and ready for use. */
export interface Subject {
  readonly store: Store;
  /** The same medium as the next run opens it. */
  reopen(): Promise<Store>;
  /** Lays a file onto the medium behind the store's back; path in restic's layout. */
  plant(path: string, bytes: Uint8Array): Promise<void>;
  /** Leaves what a killed run leaves; returns how many of it `sweep` must remove. */
  leaveLitter(): Promise<number>;
  dispose(): Promise<void>;
}

export interface SuiteOptions {
  /** Rounds of each property; fewer for a store behind a network. */
  readonly rounds?: number;
  /** The service takes no bytes that are not what their name says. */
  readonly checksNames?: boolean;
  /** The service removes and replaces nothing but locks: then it is the refusal that is tested. */
  readonly appendOnly?: boolean;
}

const REFUSED = { code: "copy-refused", transient: false };

const KINDS: readonly ListedKind[] = ["keys", "data", "index", "snapshots", "locks"];

export function objectOf(bytes: Uint8Array, kind: ListedKind = "data"): ObjectRef {
  return { kind, name: createHash("sha256").update(bytes).digest("hex") };
}

export async function listed(store: Store, kind: ListedKind): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const { name, size } of store.list(kind)) {
    expect(found.has(name), `${name} is listed once`).toBe(false);
    found.set(name, size);
  }
  return found;
}

/** The contract of copies/store.ts: what every driver must do. */
export function describeStore(
  name: string,
  make: () => Promise<Subject>,
  { rounds = 50, checksNames = false, appendOnly = false }: SuiteOptions = {},
): void {
  describe(`store contract: ${name}`, () => {
    let subject: Subject;
    let store: Store;

    beforeEach(async () => {
      subject = await make();
      store = subject.store;
    });
    afterEach(async () => {
      await store.close();
      await subject.dispose();
    });

    const text = (value: string): Buffer => Buffer.from(value, "utf8");
    const putNew = async (bytes: Uint8Array, kind: ListedKind = "data"): Promise<ObjectRef> => {
      const object = objectOf(bytes, kind);
      await store.put(object, bytes);
      return object;
    };

    it.each([...KINDS, "config"] as const)("gives back a %s object as it was put", async (kind) => {
      const bytes = randomBytes(1000);
      const object = kind === "config" ? CONFIG : objectOf(bytes, kind);
      await store.put(object, bytes);
      await store.sync();
      const next = await subject.reopen();
      expect(await next.get(object)).toEqual(bytes);
      expect(await next.size(object)).toBe(1000);
      await next.close();
    });

    it("holds an empty object", async () => {
      const object = await putNew(Buffer.alloc(0));
      expect(await store.get(object)).toEqual(Buffer.alloc(0));
      expect(await store.get(object, { offset: 0, length: 0 })).toEqual(Buffer.alloc(0));
      expect(await store.size(object)).toBe(0);
      expect(await listed(store, "data")).toEqual(new Map([[object.name, 0]]));
    });

    it("holds an object of 20 MiB", async () => {
      const bytes = randomBytes(20 * 1024 * 1024);
      const object = await putNew(bytes);
      expect((await store.get(object))?.equals(bytes)).toBe(true);
      expect(await store.size(object)).toBe(bytes.length);
    });

    it.each([0, 1, 256 * 1024, 1_000_001])(
      "hands over an object of %d bytes in order",
      async (size) => {
        const bytes = randomBytes(size);
        const object = await putNew(bytes);
        const twice = [0, 1].map(async () => {
          const pieces: Buffer[] = [];
          expect(await store.readThrough(object, (piece) => pieces.push(Buffer.from(piece)))).toBe(
            size,
          );
          expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
        });
        await Promise.all(twice);
      },
    );

    it("gives any part, and throws for one beyond the end", async () => {
      const bytes = randomBytes(70_001);
      const object = await putNew(bytes);
      const reach = fc.integer({ min: 0, max: 80_000 });
      await fc.assert(
        fc.asyncProperty(reach, reach, async (offset, length) => {
          const read = store.get(object, { offset, length });
          if (offset + length > bytes.length)
            await expect(read).rejects.toMatchObject({ code: "object-damaged" });
          else expect(await read).toEqual(bytes.subarray(offset, offset + length));
        }),
        {
          numRuns: rounds,
          examples: [
            [0, 70_001],
            [70_001, 0],
            [70_000, 1],
            [70_000, 2],
            [70_002, 0],
            [0, 70_002],
          ],
        },
      );
    });

    it.each([
      { offset: -1, length: 1 },
      { offset: 0, length: -1 },
      { offset: 0.5, length: 1 },
      { offset: 0, length: Number.NaN },
    ])("refuses the part $offset + $length", async (part) => {
      const object = await putNew(text("x"));
      await expect(store.get(object, part)).rejects.toThrow(RangeError);
    });

    it("says undefined for what is certainly not there", async () => {
      for (const object of [CONFIG, ...KINDS.map((kind) => objectOf(text("none"), kind))]) {
        expect(await store.get(object)).toBeUndefined();
        expect(await store.get(object, { offset: 0, length: 1 })).toBeUndefined();
        expect(await store.readThrough(object, () => expect.fail("no bytes"))).toBeUndefined();
        expect(await store.size(object)).toBeUndefined();
      }
      expect(await store.readNote("none.json")).toBeUndefined();
      for (const kind of KINDS) expect(await listed(store, kind)).toEqual(new Map());
    });

    it("leaves an object of the same length as it is", async () => {
      const object = await putNew(text("first"));
      await store.put(object, text("other"));
      expect(await store.get(object)).toEqual(text("first"));
    });

    it.each(["short", "far too long a leftover"])("replaces the leftover %j", async (leftover) => {
      const object = objectOf(text("the whole"));
      await subject.plant(`data/${object.name.slice(0, 2)}/${object.name}`, text(leftover));
      const put = store.put(object, text("the whole"));
      if (appendOnly) {
        await expect(put).rejects.toMatchObject(REFUSED);
        expect(await store.get(object)).toEqual(text(leftover));
        return;
      }
      await put;
      expect(await store.get(object)).toEqual(text("the whole"));
      expect(await store.size(object)).toBe(9);
    });

    it("replaces an object of the same length when told to", async () => {
      const object = objectOf(text("right"));
      await subject.plant(`data/${object.name.slice(0, 2)}/${object.name}`, text("wrong"));
      const put = store.put(object, text("right"), { replace: true });
      if (appendOnly) {
        await expect(put).rejects.toMatchObject(REFUSED);
        expect(await store.get(object)).toEqual(text("wrong"));
        return;
      }
      await put;
      expect(await store.get(object)).toEqual(text("right"));
      await store.put(CONFIG, text("config"), { replace: true });
      expect(await store.get(CONFIG)).toEqual(text("config"));
    });

    it("keeps no hold on the bytes it was given and gave", async () => {
      const bytes = text("untouched");
      const object = await putNew(bytes);
      bytes.fill(0);
      (await store.get(object))?.fill(0);
      expect(await store.get(object)).toEqual(text("untouched"));
    });

    it("takes 50 puts at the same time", async () => {
      const all = Array.from({ length: 50 }, (_, n) => randomBytes(1 + n * 997));
      const objects = await Promise.all(
        all.map(async (bytes) => {
          const object = await putNew(bytes);
          await store.sync();
          return object;
        }),
      );
      const expected = new Map(objects.map(({ name }, n) => [name, all[n]?.length]));
      expect(await listed(store, "data")).toEqual(expected);
      for (const [n, object] of objects.entries()) expect(await store.get(object)).toEqual(all[n]);
    });

    it("takes the same object twice at the same time", async () => {
      const bytes = randomBytes(100_000);
      await Promise.all([putNew(bytes), putNew(bytes), putNew(bytes)]);
      expect(await store.get(objectOf(bytes))).toEqual(bytes);
    });

    it("removes an object, and counts a missing one as removed", async () => {
      const object = await putNew(text("gone"));
      const other = await putNew(text("stays"));
      if (appendOnly) {
        await expect(store.remove(object)).rejects.toMatchObject(REFUSED);
        expect(await store.get(object)).toEqual(text("gone"));
        const lock = await putNew(text("a lock"), "locks");
        await store.remove(lock);
        await store.remove(lock);
        expect(await listed(store, "locks")).toEqual(new Map());
        return;
      }
      await store.remove(object);
      await store.remove(object);
      expect(await store.get(object)).toBeUndefined();
      expect(await listed(store, "data")).toEqual(new Map([[other.name, 5]]));
    });

    it("lists objects of one kind only, and no foreign names", async () => {
      const object = await putNew(text("listed"));
      await putNew(text("a key"), "keys");
      const name = object.name;
      const foreign = ["x", "Thumbs.db", `${name}-tmp-1234`, `${name}.bak`, name.toUpperCase()];
      for (const other of foreign) {
        await subject.plant(`data/${name.slice(0, 2)}/${other}`, text("foreign"));
        await subject.plant(`index/${other}`, text("foreign"));
      }
      expect(await listed(store, "data")).toEqual(new Map([[name, 6]]));
      expect((await listed(store, "keys")).size).toBe(1);
      expect(await listed(store, "index")).toEqual(new Map());
    });

    const hash = "a".repeat(64);
    it.each([
      { kind: "data", name: `../../${hash}` },
      { kind: "data", name: `..%2f${hash}` },
      { kind: "data", name: hash.toUpperCase() },
      { kind: "data", name: `${hash}\n` },
      { kind: "data", name: "" },
      { kind: "keys", name: hash.slice(1) },
      { kind: "keys", name: "config" },
      { kind: "config", name: hash },
      { kind: "config", name: "../config" },
      { kind: "../data" as "data", name: hash },
    ] as const)("refuses the object $kind $name", async (object) => {
      await expect(store.get(object)).rejects.toThrow(RangeError);
      await expect(store.size(object)).rejects.toThrow(RangeError);
      await expect(store.put(object, text("x"))).rejects.toThrow(RangeError);
      await expect(store.remove(object)).rejects.toThrow(RangeError);
    });

    it.each(["copy.json", "READ-ME-FIRST.txt", "はじめに読む.txt"])(
      "replaces the note %s",
      async (note) => {
        await store.writeNote(note, text("first, and longer"));
        await store.writeNote(note, text("second"));
        const next = await subject.reopen();
        expect(await next.readNote(note)).toEqual(text("second"));
        await next.close();
      },
    );

    it.each(["", ".", "..", "../x", "a/b", "a\\b", "a\0b", ".hidden", "tmp", "TMP", "a:b", "a."])(
      "refuses the note name %j",
      async (note) => {
        await expect(store.readNote(note)).rejects.toThrow(RangeError);
        await expect(store.writeNote(note, text("x"))).rejects.toThrow(RangeError);
      },
    );

    it("refuses to read a note that is too large", async () => {
      await store.writeNote("large.json", Buffer.alloc(1024 * 1024 + 1));
      await expect(store.readNote("large.json")).rejects.toMatchObject({ code: "too-large" });
    });

    it("sweeps what a killed run left, and nothing else", async () => {
      const object = await putNew(text("stays"));
      await store.writeNote("note.json", text("stays"));
      expect(await store.sweep()).toBe(0);
      const litter = await subject.leaveLitter();
      expect(await store.sweep()).toBe(litter);
      expect(await store.sweep()).toBe(0);
      expect(await store.get(object)).toEqual(text("stays"));
      expect(await store.readNote("note.json")).toEqual(text("stays"));
    });

    it("agrees with a map over any history", async () => {
      const model = new Map<string, Buffer>();
      const step = fc.record({
        act: fc.constantFrom("put", "replace", "remove"),
        kind: fc.constantFrom(...KINDS),
        which: fc.integer({ min: 0, max: 3 }),
        bytes: fc.uint8Array({ maxLength: 4 }).map((array) => Buffer.from(array)),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          for (const { act, kind, which, bytes: any } of steps) {
            const bytes = checksNames ? text(String(which)) : any;
            const object = objectOf(text(String(which)), kind);
            const key = `${kind}/${object.name}`;
            const there = model.get(key);
            const same = there?.length === bytes.length;
            const stays = act === "put" && (!there || same);
            const isNew = act === "replace" && !there;
            if (appendOnly && kind !== "locks" && !stays && !isNew) {
              const refused =
                act === "remove"
                  ? store.remove(object)
                  : store.put(object, bytes, { replace: act === "replace" });
              await expect(refused).rejects.toMatchObject(REFUSED);
            } else if (act === "remove") {
              await store.remove(object);
              model.delete(key);
            } else {
              await store.put(object, bytes, { replace: act === "replace" });
              if (act === "replace" || !same) model.set(key, bytes);
            }
            expect(await store.get(object)).toEqual(model.get(key));
          }
          const found = new Map<string, number>();
          for (const kind of KINDS)
            for (const [name, size] of await listed(store, kind))
              found.set(`${kind}/${name}`, size);
          expect(found).toEqual(new Map([...model].map(([key, bytes]) => [key, bytes.length])));
        }),
        { numRuns: rounds },
      );
    });
  });
}
