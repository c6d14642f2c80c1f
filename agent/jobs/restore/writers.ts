import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { asFault, type Fault } from "../../base/fault.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import type {
  FilePiece,
  FromWriter,
  ToWriter,
  WriterStart,
  WrittenFile,
} from "./write-messages.ts";

const MAX_THREADS = 4;
/** Messages a thread has before it. */
const DEPTH = 2;

interface Thread {
  readonly worker: Worker;
  waiting: number;
}

/** The writing threads of a restore. */
export class Writers {
  readonly #threads: Thread[];
  readonly #onFile: (file: WrittenFile) => void;
  #ticket = 0;
  #failed: Fault | undefined;
  #moved: (() => void)[] = [];

  /** `onFile` is called once for each file, when it is whole or given up. */
  constructor(key: MasterKey, owners: boolean, onFile: (file: WrittenFile) => void) {
    this.#onFile = onFile;
    const count = Math.min(MAX_THREADS, Math.max(2, availableParallelism()));
    const workerData: WriterStart = { key, owners };
    this.#threads = Array.from({ length: count }, () => this.#start(workerData));
  }

  get count(): number {
    return this.#threads.length;
  }

  /** Hands pieces to a thread once it has room: the given one, or the one with least to do. */
  async write(
    pieces: readonly FilePiece[],
    part: Buffer | undefined,
    sticky?: number,
  ): Promise<void> {
    let thread = this.#choose(sticky);
    while (thread.waiting >= DEPTH) {
      await this.#move();
      thread = this.#choose(sticky);
    }
    this.#check();
    thread.waiting++;
    const ticket = this.#ticket++;
    if (!part) {
      thread.worker.postMessage({ ticket, pieces } satisfies ToWriter);
      return;
    }
    // A Buffer may be a view of a pool that others use: only memory of its own can be given away.
    const own = part.byteLength === part.buffer.byteLength ? part : new Uint8Array(part);
    const bytes = own as Uint8Array<ArrayBuffer>;
    thread.worker.postMessage({ ticket, pieces, part: bytes } satisfies ToWriter, [bytes.buffer]);
  }

  /** Waits until every thread has written all it was given. */
  async finish(): Promise<void> {
    while (this.#threads.some((thread) => thread.waiting > 0)) await this.#move();
    this.#check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #start(workerData: WriterStart): Thread {
    const worker = new Worker(new URL("writer-thread.ts", import.meta.url), { workerData });
    const thread: Thread = { worker, waiting: 0 };
    worker.on("message", ({ results }: FromWriter) => {
      thread.waiting--;
      results.forEach(this.#onFile);
      this.#wake();
    });
    worker.on("error", (error) => {
      this.#failed ??= asFault(error);
      this.#wake();
    });
    return thread;
  }

  #choose(sticky: number | undefined): Thread {
    if (sticky !== undefined) return this.#threads[sticky % this.#threads.length]!;
    return this.#threads.reduce((a, b) => (b.waiting < a.waiting ? b : a));
  }

  async #move(): Promise<void> {
    this.#check();
    await new Promise<void>((resolve) => this.#moved.push(resolve));
    this.#check();
  }

  #check(): void {
    if (this.#failed) throw this.#failed;
  }

  #wake(): void {
    for (const resolve of this.#moved.splice(0)) resolve();
  }
}
