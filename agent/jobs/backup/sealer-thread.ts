import { hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { asFault } from "../../base/fault.ts";
import { splitSeconds } from "../../base/nanoseconds.ts";
import { type RawName, rawToBytes } from "../../base/raw-name.ts";
import { BlobIndex } from "../../vault/blob-index.ts";
import { gearTable } from "../../vault/chunker.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { PackWriter } from "../../vault/pack-writer.ts";
import type { BlobKind } from "../../vault/packed.ts";
import { ChunkBlocks } from "./chunk-blocks.ts";
import { PackSlots } from "./pack-slots.ts";
import { type FileResult, FileSealer } from "./seal-file.ts";
import {
  type FromSealer,
  STAT,
  STAT_WORDS,
  type SealedFiles,
  type SealerStart,
  type ToSealer,
} from "./seal-messages.ts";

// A sealing thread: reads files, cuts, hashes, compresses, seals, proves, and builds packs.

const start = workerData as SealerStart;
const key: MasterKey = {
  encrypt: Buffer.from(start.key.encrypt),
  macK: Buffer.from(start.key.macK),
  macR: Buffer.from(start.key.macR),
};
const slots = new PackSlots(start.slots);
const known = { data: new BlobIndex(start.data), tree: new BlobIndex(start.tree) };

/** The pack of each kind that is being filled (restic format v2: kinds are never mixed). */
const open: Record<BlobKind, { writer: PackWriter; slot: number } | undefined> = {
  data: undefined,
  tree: undefined,
};

const blocks = new ChunkBlocks(start.blocks);
const takeData = (id: Uint8Array, plain: Uint8Array): void => take("data", id, plain);
const files = new FileSealer(gearTable(key), takeData, {
  blocks,
  call: () => send({ done: "call" }),
});

function take(kind: BlobKind, id: Uint8Array, plain: Uint8Array): void {
  if (!known[kind].claim(id)) return;
  const pack = (open[kind] ??= newPack());
  pack.writer.add(kind, id, plain);
  if (pack.writer.full) finish(kind);
}

function newPack(): { writer: PackWriter; slot: number } {
  const slot = slots.take();
  return { writer: new PackWriter(key, slots.bytes(slot)), slot };
}

function finish(kind: BlobKind): void {
  const pack = open[kind];
  if (!pack) return;
  open[kind] = undefined;
  const { bytes, contents } = pack.writer.finish();
  const { slot } = pack;
  if (bytes.buffer === slots.bytes(slot).buffer) {
    send({ done: "pack", slot, size: bytes.length, contents });
  } else {
    const own = new Uint8Array(bytes);
    send({ done: "pack", slot, size: bytes.length, contents, bytes: own }, [own.buffer]);
  }
}

function send(message: FromSealer, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}

/** Flat form of a batch's results. */
function flatten(results: readonly FileResult[]): SealedFiles {
  const stats = new BigInt64Array(results.length * STAT_WORDS);
  const sha256 = new Uint8Array(results.length * 32);
  const errors = new Map<number, string>();
  const blobs: Uint8Array[] = [];
  let ids = 0;
  results.forEach((result, i) => {
    const at = i * STAT_WORDS;
    if (result.ok) ids += result.content.blobs.length / 32;
    stats[at + STAT.blobsEnd] = BigInt(ids);
    if (!result.ok) {
      errors.set(i, result.errno);
      return;
    }
    const { stat, content, stable } = result;
    stats[at + STAT.mode] = stat.mode;
    stats[at + STAT.size] = BigInt(content.size);
    stats.set(splitSeconds(stat.mtimeNs), at + STAT.mtime);
    stats.set(splitSeconds(stat.ctimeNs), at + STAT.ctime);
    stats[at + STAT.inode] = BigInt.asIntN(64, stat.ino);
    stats[at + STAT.device] = BigInt.asIntN(64, stat.dev);
    stats[at + STAT.links] = stat.nlink;
    stats[at + STAT.uid] = stat.uid;
    stats[at + STAT.gid] = stat.gid;
    stats[at + STAT.stable] = stable ? 1n : 0n;
    sha256.set(content.sha256, i * 32);
    blobs.push(content.blobs);
  });
  return { stats, sha256, errors, blobs: new Uint8Array(Buffer.concat(blobs)) };
}

/** Seals chunks of a large file until its reader is done. */
function assist(): void {
  while (blocks.open) {
    const { events } = blocks;
    if (!blocks.work(takeData) && blocks.open) blocks.wait(events);
  }
}

function obey(message: ToSealer): void {
  switch (message.do) {
    case "files": {
      const results = flatten(
        message.paths
          .split("\0")
          .slice(0, -1)
          .map((path) => files.seal(rawToBytes(path as RawName))),
      );
      send({ done: "files", ticket: message.ticket, results }, [
        results.stats.buffer,
        results.sha256.buffer,
        results.blobs.buffer,
      ]);
      break;
    }
    case "trees":
      for (const tree of message.trees) take("tree", hash("sha256", tree, "buffer"), tree);
      send({ done: "trees", ticket: message.ticket });
      break;
    case "assist":
      assist();
      send({ done: "assist", ticket: message.ticket });
      break;
    case "tables":
      known.data = new BlobIndex(message.data);
      known.tree = new BlobIndex(message.tree);
      break;
    case "flush":
      finish("data");
      finish("tree");
      send({ done: "flush", ticket: message.ticket });
      break;
  }
}

parentPort!.on("message", (message: ToSealer) => {
  try {
    obey(message);
  } catch (error) {
    // An Error loses its class on the way to another thread.
    const { code, what, next } = asFault(error);
    send({ done: "failed", code, what, next });
  }
});
