import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createLocalStore } from "../../agent/copies/local/local-store.ts";
import { unlockKey } from "../../agent/jobs/common/unlock.ts";
import { parseAgentKey } from "../../agent/vault/agent-key.ts";
import { sealFile } from "../../agent/vault/files.ts";
import { type Id, idOf } from "../../agent/vault/ids.ts";
import { encodeIndex } from "../../agent/vault/index-file.ts";
import type { MasterKey } from "../../agent/vault/master-key.ts";
import { encodeHeader } from "../../agent/vault/pack-header.ts";
import { BLOB, type PackedBlob, PackedBlobs } from "../../agent/vault/packed.ts";
import { seal } from "../../agent/vault/seal.ts";
import { encodeSnapshot } from "../../agent/vault/snapshot-file.ts";
import { compress } from "../../agent/vault/zstd.ts";
import type { CopyName, Workbench } from "./workbench.ts";

/** A node of a tree as it will stand in the vault, true or not. */
export type ForgedNode = Readonly<Record<string, unknown>>;

export interface Lie {
  /** What index and header say of the length, instead of the truth. */
  readonly rawLength?: number;
  /** The same, in the index only. */
  readonly indexRawLength?: number;
  readonly indexOffset?: number;
  /** Whose name the index gives to these bytes. */
  readonly indexId?: Id;
}

export const TIME = "2026-03-31T15:04:05.1234567Z";
const DIR = 2 ** 31 + 0o755;
const SYMLINK = 2 ** 27 + 0o777;

/**
 * Writes what an attacker who has the key could write into a copy: every hash and seal is right,
 * what they hold is not.
 */
export class Forger {
  readonly #key: MasterKey;
  readonly #copy: string;
  readonly #sealed: Buffer[] = [];
  readonly #inHeader = new PackedBlobs();
  readonly #inIndex: PackedBlob[] = [];
  #offset = 0;

  private constructor(key: MasterKey, copy: string) {
    this.#key = key;
    this.#copy = copy;
  }

  static async in(bench: Workbench, copy: CopyName): Promise<Forger> {
    const store = createLocalStore({ copy, root: bench.copy(copy) });
    const password = parseAgentKey(readFileSync(bench.keyFile, "utf8"))!;
    return new Forger(await unlockKey([store], password), bench.copy(copy));
  }

  blob(kind: "data" | "tree", plain: Buffer, lie: Lie = {}): Id {
    const id = idOf(plain);
    const bytes = seal(this.#key, compress(plain));
    const honest: PackedBlob = {
      id: Buffer.from(id, "hex"),
      type: kind === "data" ? BLOB.dataZ : BLOB.treeZ,
      offset: this.#offset,
      length: bytes.length,
      rawLength: lie.rawLength ?? plain.length,
    };
    this.#sealed.push(bytes);
    this.#inHeader.push(honest);
    this.#inIndex.push({
      ...honest,
      id: lie.indexId === undefined ? honest.id : Buffer.from(lie.indexId, "hex"),
      offset: lie.indexOffset ?? honest.offset,
      rawLength: lie.indexRawLength ?? honest.rawLength,
    });
    this.#offset += bytes.length;
    return id;
  }

  tree(nodes: readonly ForgedNode[]): Id {
    return this.blob("tree", Buffer.from(`${JSON.stringify({ nodes })}\n`));
  }

  file(name: string, content: Buffer | readonly Id[], more: ForgedNode = {}): ForgedNode {
    const whole = Buffer.isBuffer(content);
    return {
      ...common(name, "file", 0o644),
      size: whole ? content.length : 0,
      content: whole ? [this.blob("data", content)] : content,
      ...more,
    };
  }

  folder(name: string, nodes: readonly ForgedNode[] | Id): ForgedNode {
    const subtree = typeof nodes === "string" ? nodes : this.tree(nodes);
    return { ...common(name, "dir", DIR), subtree };
  }

  link(name: string, target: string): ForgedNode {
    return { ...common(name, "symlink", SYMLINK), linktarget: target };
  }

  /** Writes pack, index and snapshot into the copy; the id of the snapshot. */
  publish(root: readonly ForgedNode[]): Id {
    const tree = this.tree(root);
    const header = encodeHeader(this.#key, this.#inHeader.contents(""));
    const file = Buffer.concat([...this.#sealed, header]);
    const pack = idOf(file);
    this.#write(`data/${pack.slice(0, 2)}/${pack}`, file);
    const indexed = new PackedBlobs();
    this.#inIndex.forEach((blob) => indexed.push(blob));
    this.#seal("index", encodeIndex([indexed.contents(pack)]));
    const snapshot = {
      time: BigInt(Date.parse(TIME)) * 1_000_000n,
      tree,
      paths: ["/forged"],
      hostname: "forger",
      username: "",
      uid: 0,
      gid: 0,
      excludes: [],
      tags: [],
      program: "",
    };
    return this.#seal("snapshots", encodeSnapshot(snapshot));
  }

  #seal(kind: "index" | "snapshots", json: string): Id {
    const file = sealFile(this.#key, json);
    const id = idOf(file);
    this.#write(`${kind}/${id}`, file);
    return id;
  }

  #write(name: string, bytes: Buffer): void {
    const path = join(this.#copy, name);
    mkdirSync(dirname(path), { recursive: true });
    chmodSync(dirname(path), 0o700);
    writeFileSync(path, bytes, { mode: 0o400 });
  }
}

function common(name: string, type: string, mode: number): ForgedNode {
  const times = { mtime: TIME, atime: TIME, ctime: TIME };
  const ids = { uid: 0, gid: 0, inode: 0, device_id: 0 };
  return { name, type, mode, ...times, ...ids, content: null };
}
