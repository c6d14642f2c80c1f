import { hash } from "node:crypto";
import { parentPort } from "node:worker_threads";

// A hashing thread: bytes in, SHA-256 out.

export interface ToHash {
  readonly ticket: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Hashed {
  readonly ticket: number;
  readonly sha256: string;
}

parentPort!.on("message", ({ ticket, bytes }: ToHash) => {
  const answer: Hashed = { ticket, sha256: hash("sha256", bytes, "hex") };
  parentPort!.postMessage(answer);
});
