import { ID_BYTES } from "./ids.ts";
import { JsonWalk, literal } from "./json-walk.ts";
import { BLOB, CELLS, type PackContents } from "./packed.ts";
import { SEAL_OVERHEAD } from "./seal.ts";

const HEAD = literal('{"packs":[');
const PACK = literal('{"id":"');
const BLOBS = literal(',"blobs":[');
const BLOB_ID = literal('{"id":"');
const DATA = literal(',"type":"data","offset":');
const TREE = literal(',"type":"tree","offset":');
const LENGTH = literal(',"length":');
const RAW_LENGTH = literal(',"uncompressed_length":');
const COMMA = literal(",");
const CLOSE_OBJECT = literal("}");
const CLOSE_PACK = literal("]}");
const TAIL = literal("]}");
const NEWLINE = literal("\n");

/**
 * The packs that an index names, where its JSON has the form in which restic and mikura write it;
 * undefined says nothing about the index but that JSON.parse must look at it.
 */
export function walkIndex(json: Uint8Array): PackContents[] | undefined {
  const walk = new JsonWalk(json);
  const rows = new Rows();
  const packs: PackContents[] = [];
  if (!walk.skip(HEAD)) return undefined;
  while (!walk.skip(TAIL)) {
    if (packs.length > 0 && !walk.skip(COMMA)) return undefined;
    const contents = walkPack(walk, rows);
    if (!contents) return undefined;
    packs.push(contents);
  }
  walk.skip(NEWLINE);
  return walk.ended ? packs : undefined;
}

const name = new Uint8Array(ID_BYTES);

function walkPack(walk: JsonWalk, rows: Rows): PackContents | undefined {
  if (!walk.skip(PACK) || !walk.id(name, 0) || !walk.skip(BLOBS)) return undefined;
  const pack = Buffer.from(name).toString("hex");
  rows.clear();
  while (!walk.skip(CLOSE_PACK)) {
    if (rows.count > 0 && !walk.skip(COMMA)) return undefined;
    if (!walkBlob(walk, rows)) return undefined;
  }
  return rows.contents(pack);
}

function walkBlob(walk: JsonWalk, rows: Rows): boolean {
  const row = rows.next();
  if (!walk.skip(BLOB_ID) || !walk.id(rows.ids, row * ID_BYTES)) return false;
  const isData = walk.skip(DATA);
  if (!isData && !walk.skip(TREE)) return false;
  const offset = walk.uint32();
  if (offset < 0 || !walk.skip(LENGTH)) return false;
  const length = walk.uint32();
  if (length < SEAL_OVERHEAD) return false;
  let raw = 0;
  if (walk.skip(RAW_LENGTH)) raw = walk.uint32();
  if (raw < 0) return false;
  const cells = rows.cells;
  cells[row * CELLS] = isData ? (raw ? BLOB.dataZ : BLOB.data) : raw ? BLOB.treeZ : BLOB.tree;
  cells[row * CELLS + 1] = offset;
  cells[row * CELLS + 2] = length;
  cells[row * CELLS + 3] = raw || length - SEAL_OVERHEAD;
  return walk.skip(CLOSE_OBJECT);
}

/** The blobs of one pack as they come, in memory that serves for the next pack, too. */
class Rows {
  ids = new Uint8Array(1024 * ID_BYTES);
  cells = new Uint32Array(1024 * CELLS);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /** Number of a new row. */
  next(): number {
    const row = this.count++;
    if (this.count * CELLS > this.cells.length) {
      const [ids, cells] = [this.ids, this.cells];
      this.ids = new Uint8Array(2 * ids.length);
      this.cells = new Uint32Array(2 * cells.length);
      this.ids.set(ids);
      this.cells.set(cells);
    }
    return row;
  }

  /** In the order of the offsets; inside a pack restic's order is that of a Go map: arbitrary. */
  contents(pack: string): PackContents {
    const offsetOf = (row: number): number => this.cells[row * CELLS + 1]!;
    let inOrder = true;
    for (let row = 1; row < this.count; row++) inOrder &&= offsetOf(row - 1) <= offsetOf(row);
    if (!inOrder) return this.#sorted(pack, offsetOf);
    const ids = this.ids.slice(0, this.count * ID_BYTES);
    return { pack, ids, cells: this.cells.slice(0, this.count * CELLS) };
  }

  #sorted(pack: string, offsetOf: (row: number) => number): PackContents {
    const order = Array.from({ length: this.count }, (_, row) => row);
    order.sort((a, b) => offsetOf(a) - offsetOf(b));
    const ids = new Uint8Array(this.count * ID_BYTES);
    const cells = new Uint32Array(this.count * CELLS);
    for (const [to, row] of order.entries()) {
      ids.set(this.ids.subarray(row * ID_BYTES, (row + 1) * ID_BYTES), to * ID_BYTES);
      cells.set(this.cells.subarray(row * CELLS, (row + 1) * CELLS), to * CELLS);
    }
    return { pack, ids, cells };
  }
}
