import { isUtf8 } from "node:buffer";
import { ID_BYTES, type Id } from "./ids.ts";
import { JsonWalk, literal } from "./json-walk.ts";
import { isTimeAt } from "./time-walk.ts";
import { decodeTree } from "./tree-reader.ts";

/** What a folder needs of the vault: ids of 32 bytes, one behind the other. */
export interface TreeLinks {
  /** Blobs of its files. Valid until the next call. */
  readonly contents: Uint8Array;
  /** Trees of its folders. */
  readonly subtrees: Uint8Array;
}

/**
 * The links of a folder's blob, which must pass every check of decodeTree: throws
 * Fault("tree-hostile") as that does. Where all is written in restic's own form, no object and no
 * string is made for it.
 */
export function treeLinks(blob: Uint8Array): TreeLinks {
  return walkTree(blob) ?? linksOf(blob);
}

function linksOf(blob: Uint8Array): TreeLinks {
  const contents: Id[] = [];
  const subtrees: Id[] = [];
  for (const { content, subtree } of decodeTree(blob)) {
    for (const id of content ?? []) contents.push(id);
    if (subtree !== undefined) subtrees.push(subtree);
  }
  return {
    contents: Buffer.from(contents.join(""), "hex"),
    subtrees: Buffer.from(subtrees.join(""), "hex"),
  };
}

const HEAD = literal('{"nodes":[');
const TAIL = literal("]}\n");
const NAME = literal('{"name":"');
const FILE = literal(',"type":"file"');
const FOLDER = literal(',"type":"dir"');
const SYMLINK = literal(',"type":"symlink"');
const MODE = literal(',"mode":');
const TIMES = ["mtime", "atime", "ctime"].map((name) => literal(`,"${name}":"`));
const UID = literal(',"uid":');
const GID = literal(',"gid":');
const OWNERS = ["user", "group"].map((name) => literal(`,"${name}":"`));
const NUMBERS = ["inode", "device_id", "size", "links"].map((name) => literal(`,"${name}":`));
const TARGET = literal(',"linktarget":"');
const NO_CONTENT = literal(',"content":null');
const CONTENT = literal(',"content":[');
const SUBTREE = literal(',"subtree":"');
const QUOTE = literal('"');
const COMMA = literal(",");
const CLOSE_LIST = literal("]");
const CLOSE_OBJECT = literal("}");
/** JSON of one id in a list. */
const ID_TEXT = 2 * ID_BYTES + 3;

const SLASH = 0x2f;
const DOT = 0x2e;
const MAX_NAME = 255;

/** Undefined says nothing about the tree but that decodeTree must look at it. */
function walkTree(blob: Uint8Array): TreeLinks | undefined {
  const walk = new TreeWalk(blob);
  if (!isUtf8(blob) || !walk.skip(HEAD)) return undefined;
  for (let first = true; !walk.skip(TAIL); first = false) {
    if (!first && !walk.skip(COMMA)) return undefined;
    if (!walk.node()) return undefined;
  }
  return walk.ended ? walk.links() : undefined;
}

let room = new Uint8Array(0);

class TreeWalk extends JsonWalk {
  /** Content ids from the front, subtree ids from the back: together they are shorter than the JSON. */
  readonly #room: Uint8Array;
  #contents = 0;
  #subtrees: number;
  #lastName = 0;
  #lastEnd = 0;

  constructor(blob: Uint8Array) {
    super(blob);
    const most = Math.ceil(blob.length / ID_TEXT) * ID_BYTES + ID_BYTES;
    if (room.length < most) room = new Uint8Array(2 * most);
    this.#room = room;
    this.#subtrees = room.length;
  }

  links(): TreeLinks {
    return {
      contents: this.#room.subarray(0, this.#contents),
      subtrees: this.#room.slice(this.#subtrees),
    };
  }

  node(): boolean {
    if (!this.skip(NAME) || !this.#name()) return false;
    const isFile = this.skip(FILE);
    const isFolder = !isFile && this.skip(FOLDER);
    if (!isFile && !isFolder && !this.skip(SYMLINK)) return false;
    if (this.skip(MODE) && !this.digits()) return false;
    for (const time of TIMES) if (!this.skip(time) || !this.#time()) return false;
    if (!this.skip(UID) || !this.digits() || !this.skip(GID) || !this.digits()) return false;
    for (const owner of OWNERS) if (this.skip(owner) && !this.text()) return false;
    for (const number of NUMBERS) if (this.skip(number) && !this.digits()) return false;
    if (this.skip(TARGET) && !this.text()) return false;
    if (!this.skip(NO_CONTENT) && !(isFile && this.skip(CONTENT) && this.#content())) return false;
    if (isFolder && !this.#subtree()) return false;
    return this.skip(CLOSE_OBJECT);
  }

  /** One path component, larger than the last one in the order of bytes: so each stands once. */
  #name(): boolean {
    const { bytes, at: start } = this;
    if (!this.text()) return false;
    const end = this.at - 1;
    if (end === start || end - start > MAX_NAME || !this.#isComponent(start, end)) return false;
    let i = this.#lastName;
    let j = start;
    for (; i < this.#lastEnd && bytes[i] === bytes[j]; i++) j++;
    const rises = j < end && (i === this.#lastEnd || bytes[i]! < bytes[j]!);
    this.#lastName = start;
    this.#lastEnd = end;
    return rises;
  }

  #isComponent(start: number, end: number): boolean {
    const { bytes } = this;
    for (let i = start; i < end; i++) if (bytes[i] === SLASH) return false;
    return (
      bytes[start] !== DOT || (end - start > 1 && (end - start > 2 || bytes[start + 1] !== DOT))
    );
  }

  #time(): boolean {
    const start = this.at;
    return this.text() && isTimeAt(this.bytes, start, this.at - 1);
  }

  #content(): boolean {
    if (this.skip(CLOSE_LIST)) return true;
    do {
      if (!this.skip(QUOTE) || !this.id(this.#room, this.#contents)) return false;
      this.#contents += ID_BYTES;
    } while (this.skip(COMMA));
    return this.skip(CLOSE_LIST);
  }

  #subtree(): boolean {
    this.#subtrees -= ID_BYTES;
    return this.skip(SUBTREE) && this.id(this.#room, this.#subtrees);
  }
}
