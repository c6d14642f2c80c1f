import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { asFault, type Fault } from "../../base/fault.ts";
import type { Hashed, ToHash } from "./hash-thread.ts";

const MAX_THREADS = 4;

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, PromiseWithResolvers<string>>;
}

/** Threads that hash: one a core. */
export class Hashers {
  readonly #threads: Thread[];
  #ticket = 0;
  #failed: Fault | undefined;

  constructor() {
    const count = Math.min(MAX_THREADS, Math.max(1, availableParallelism()));
    this.#threads = Array.from({ length: count }, () => this.#start());
  }

  get count(): number {
    return this.#threads.length;
  }

  /** SHA-256 in hex. The bytes are given away: they are empty afterwards. */
  async sha256(bytes: Buffer): Promise<string> {
    if (this.#failed) throw this.#failed;
    const thread = this.#threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
    const ticket = this.#ticket++;
    const answer = Promise.withResolvers<string>();
    thread.waiting.set(ticket, answer);
    // A small Buffer is a view of a pool that others use: only memory of its own can be given away.
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
    const message: ToHash = { ticket, bytes: own as Uint8Array<ArrayBuffer> };
    thread.worker.postMessage(message, [message.bytes.buffer]);
    return await answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #start(): Thread {
    const worker = new Worker(new URL("hash-thread.ts", import.meta.url));
    const thread: Thread = { worker, waiting: new Map() };
    worker.on("message", ({ ticket, sha256 }: Hashed) => {
      thread.waiting.get(ticket)?.resolve(sha256);
      thread.waiting.delete(ticket);
    });
    worker.on("error", (error) => {
      this.#failed ??= asFault(error);
      for (const { waiting } of this.#threads) {
        for (const answer of waiting.values()) answer.reject(this.#failed);
        waiting.clear();
      }
    });
    return thread;
  }
}
