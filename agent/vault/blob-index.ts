import { ID_BYTES } from "./ids.ts";

/**
 * Where blobs lie: a hash table in flat shared memory, 52 bytes a blob and 4 to 8 bytes of slots, so
 * that millions of blobs fit and every worker thread sees the same one.
 *
 * Any thread may `claim` and `find`; only the owner of the table calls `locate` and `grow`, and
 * `grow` only while no other thread uses the table.
 */
export class BlobIndex {
  #tables: BlobTables;
  #ids: Uint32Array;
  #cells: Uint32Array;
  #slots: Int32Array;
  #count: Int32Array;
  #mask: number;

  constructor(tables: BlobTables) {
    this.#tables = tables;
    this.#ids = new Uint32Array(tables.ids);
    this.#cells = new Uint32Array(tables.cells);
    this.#slots = new Int32Array(tables.slots);
    this.#count = new Int32Array(tables.count);
    this.#mask = this.#slots.length - 1;
  }

  /** An empty index with room for `capacity` blobs. */
  static create(capacity: number): BlobIndex {
    return new BlobIndex(newTables(Math.max(capacity, 1024)));
  }

  /** What another thread needs to see this index. */
  get tables(): BlobTables {
    return this.#tables;
  }

  get count(): number {
    return Atomics.load(this.#count, 0);
  }

  get capacity(): number {
    return this.#ids.length / ID_WORDS;
  }

  /** Entry number of a blob, or -1. */
  find(id: Uint8Array): number {
    const key = keyOf(id);
    for (let slot = key[0]! & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = Atomics.load(this.#slots, slot) - 1;
      if (entry < 0) return -1;
      if (this.#same(entry, key)) return entry;
    }
  }

  /** True for exactly one caller in all threads: the one who must now store the blob. */
  claim(id: Uint8Array): boolean {
    return this.#insert(keyOf(id)).fresh;
  }

  /** Says where a blob lies. A blob that is known to lie elsewhere too stays where it was first. */
  locate(id: Uint8Array, at: BlobPlace): void {
    const { entry } = this.#insert(keyOf(id));
    const cell = entry * CELL_WORDS;
    if (this.#cells[cell] !== 0) return;
    this.#cells[cell] = at.pack + 1;
    this.#cells[cell + 1] = at.offset;
    this.#cells[cell + 2] = at.length;
    this.#cells[cell + 3] = at.rawLength;
    this.#cells[cell + 4] = at.type;
  }

  /** Place of an entry that `find` gave; undefined while the blob is only claimed. */
  place(entry: number): BlobPlace | undefined {
    const cell = entry * CELL_WORDS;
    const pack = this.#cells[cell]!;
    if (pack === 0) return undefined;
    return {
      pack: pack - 1,
      offset: this.#cells[cell + 1]!,
      length: this.#cells[cell + 2]!,
      rawLength: this.#cells[cell + 3]!,
      type: this.#cells[cell + 4]!,
    };
  }

  /** Makes room for `capacity` blobs in all; other threads need the new `tables` afterwards. */
  grow(capacity: number): void {
    if (capacity <= this.capacity) return;
    const larger = new BlobIndex(newTables(Math.max(capacity, 2 * this.capacity)));
    const count = this.count;
    larger.#ids.set(this.#ids.subarray(0, count * ID_WORDS));
    larger.#cells.set(this.#cells.subarray(0, count * CELL_WORDS));
    for (let entry = 0; entry < count; entry++) {
      let slot = this.#ids[entry * ID_WORDS]! & larger.#mask;
      while (larger.#slots[slot] !== 0) slot = (slot + 1) & larger.#mask;
      larger.#slots[slot] = entry + 1;
    }
    larger.#count[0] = count;
    this.#tables = larger.#tables;
    this.#ids = larger.#ids;
    this.#cells = larger.#cells;
    this.#slots = larger.#slots;
    this.#count = larger.#count;
    this.#mask = larger.#mask;
  }

  #insert(key: Uint32Array): { entry: number; fresh: boolean } {
    let mine = -1;
    for (let slot = key[0]! & this.#mask; ;) {
      const entry = Atomics.load(this.#slots, slot) - 1;
      if (entry < 0) {
        // The id is written before the slot is taken, so who sees the slot sees the id.
        if (mine < 0) {
          mine = Atomics.add(this.#count, 0, 1);
          if (mine >= this.capacity) throw new RangeError("BlobIndex is full: grow it first");
          this.#ids.set(key, mine * ID_WORDS);
        }
        const before = Atomics.compareExchange(this.#slots, slot, 0, mine + 1);
        if (before === 0) return { entry: mine, fresh: true };
        continue; // another thread took the slot: look again at who it is
      }
      if (this.#same(entry, key)) return { entry, fresh: false };
      slot = (slot + 1) & this.#mask;
    }
  }

  #same(entry: number, key: Uint32Array): boolean {
    const at = entry * ID_WORDS;
    for (let i = 0; i < ID_WORDS; i++) if (this.#ids[at + i] !== key[i]) return false;
    return true;
  }
}

/** Where a blob lies: number of its pack, bytes, and type of `packed.ts`. */
export interface BlobPlace {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  readonly rawLength: number;
  readonly type: number;
}

/** The shared memory of an index. */
export interface BlobTables {
  readonly ids: SharedArrayBuffer;
  readonly cells: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly count: SharedArrayBuffer;
}

const ID_WORDS = ID_BYTES / 4;
const CELL_WORDS = 5;

function newTables(capacity: number): BlobTables {
  let slots = 2048;
  while (slots < capacity * 2) slots *= 2;
  return {
    ids: new SharedArrayBuffer(capacity * ID_BYTES),
    cells: new SharedArrayBuffer(capacity * CELL_WORDS * 4),
    slots: new SharedArrayBuffer(slots * 4),
    count: new SharedArrayBuffer(4),
  };
}

const keyBytes = new Uint8Array(ID_BYTES);
const keyWords = new Uint32Array(keyBytes.buffer);

/** The id as words. One array a thread: it is read before the next call. */
function keyOf(id: Uint8Array): Uint32Array {
  keyBytes.set(id);
  return keyWords;
}
