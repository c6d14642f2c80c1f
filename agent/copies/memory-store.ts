import { MAX_NOTE_BYTES, MAX_READ_BYTES, objectTooLarge, objectTooShort } from "./object-faults.ts";
import { checkPart, isObjectName, notePath, objectPath } from "./object-names.ts";
import type { BytePart, ListedKind, ObjectRef, Store, StoredObject } from "./store.ts";

export interface MemoryStore extends Store {
  /** Everything it holds by path ("data/ab/abcd…", "mikura/copy.json"): tests look and damage here. */
  readonly files: Map<string, Buffer>;
}

/** A copy that lives in memory, for tests of whatever works on a Store. */
export function createMemoryStore(copy = "memory"): MemoryStore {
  const files = new Map<string, Buffer>();

  function read(path: string, limit: number, part?: BytePart): Buffer | undefined {
    const bytes = files.get(path);
    if (bytes === undefined) return undefined;
    const { offset, length } = part ?? { offset: 0, length: bytes.length };
    const subject = { copy, object: path };
    if (length > limit) throw objectTooLarge({ ...subject, size: length, wanted: limit });
    const end = offset + length;
    if (end > bytes.length) throw objectTooShort({ ...subject, size: bytes.length, wanted: end });
    return Buffer.from(bytes.subarray(offset, end));
  }

  return {
    files,

    async *list(kind: ListedKind): AsyncGenerator<StoredObject> {
      // A copy of the entries: objects may be put and removed while the caller iterates.
      const entries = [...files];
      for (const [path, bytes] of entries) {
        const name = path.split("/").at(-1) ?? "";
        if (isObjectName(name) && path === objectPath({ kind, name }))
          yield { name, size: bytes.length };
      }
    },

    async get(object: ObjectRef, part?: BytePart) {
      if (part) checkPart(part);
      return read(objectPath(object), MAX_READ_BYTES, part);
    },

    async readThrough(object, take) {
      const bytes = read(objectPath(object), MAX_READ_BYTES);
      if (bytes && bytes.length > 0) take(bytes);
      return bytes?.length;
    },

    async size(object) {
      return files.get(objectPath(object))?.length;
    },

    async put(object, bytes, options = {}) {
      const path = objectPath(object);
      if (options.replace !== true && files.get(path)?.length === bytes.length) return;
      files.set(path, Buffer.from(bytes));
    },

    async sync() {},

    async remove(object) {
      files.delete(objectPath(object));
    },

    async readNote(name) {
      return read(notePath(name), MAX_NOTE_BYTES);
    },

    async writeNote(name, bytes) {
      files.set(notePath(name), Buffer.from(bytes));
    },

    async sweep() {
      return 0;
    },

    async close() {},
  };
}
