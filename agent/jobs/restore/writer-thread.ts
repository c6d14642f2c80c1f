import { createHash, type Hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { loaded } from "../common/thread.ts";
import { FileWriter } from "./file-writer.ts";
import { writeRange } from "./range-writer.ts";
import type { FromWriter, HashTask, ToWriter, WriterReply, WriterStart } from "./write-messages.ts";

// A writing thread: opens blobs, proves them, and writes files. A wrong file is not left behind.

const { key, owners } = workerData as WriterStart;
const files = new FileWriter(key, owners);
const hashes = new Map<number, Hash>();

parentPort!.on("message", (task: ToWriter) => {
  const answer: FromWriter = { ticket: task.ticket, reply: replyTo(task) };
  // Frees the memory now: the collector of a thread that makes few objects comes late.
  if ("part" in task) task.part.buffer.transfer(0);
  parentPort!.postMessage(answer);
});

function replyTo(task: ToWriter): WriterReply {
  if (task.kind === "files") return files.write(task);
  if (task.kind === "hash") return hashNext(task);
  const why = writeRange(key, task);
  return { ...NOTHING, wrong: why === undefined ? [] : [{ file: 0, why }] };
}

const NOTHING: WriterReply = { files: 0, bytes: 0, wrong: [] };

function hashNext({ long, plain }: HashTask): WriterReply {
  const hash = hashes.get(long) ?? createHash("sha256");
  if (!plain) {
    hashes.delete(long);
    return { ...NOTHING, sha256: hash.digest("hex") };
  }
  hashes.set(long, hash);
  hash.update(new Uint8Array(plain.memory, plain.offset, plain.length));
  return NOTHING;
}

loaded();
