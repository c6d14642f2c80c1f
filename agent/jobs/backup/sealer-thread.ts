import { parentPort, workerData } from "node:worker_threads";
import { asFault } from "../../base/fault.ts";
import { type RawName, rawToBytes } from "../../base/raw-name.ts";
import { BlobIndex } from "../../vault/blob-index.ts";
import { gearTable } from "../../vault/chunker.ts";
import { ID_BYTES } from "../../vault/ids.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { PackWriter } from "../../vault/pack-writer.ts";
import type { BlobKind } from "../../vault/packed.ts";
import { sha256Into } from "../../vault/sha256.ts";
import { loaded } from "../common/thread.ts";
import { ChunkBlocks } from "./chunk-blocks.ts";
import { PackSlots } from "./pack-slots.ts";
import { FileSealer } from "./seal-file.ts";
import type { FromSealer, SealerStart, ToSealer } from "./seal-messages.ts";
import { SealedRows } from "./sealed-rows.ts";

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

const treeId = Buffer.alloc(ID_BYTES);
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
      const paths = message.paths.split("\0").slice(0, -1);
      const rows = new SealedRows(paths.length);
      for (const path of paths) rows.add(files.seal(rawToBytes(path as RawName)));
      const results = rows.finish();
      send({ done: "files", ticket: message.ticket, results }, [
        results.stats.buffer,
        results.sha256.buffer,
        results.blobs.buffer,
      ]);
      break;
    }
    case "trees":
      for (const tree of message.trees) {
        sha256Into(treeId, tree);
        take("tree", treeId, tree);
      }
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

loaded();
