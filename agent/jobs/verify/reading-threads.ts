import { availableParallelism } from "node:os";
import { Fault, asFault } from "../../base/fault.ts";
import { Thread } from "../common/thread.ts";
import {
  type FromReader,
  type Reading,
  type ReadingList,
  type ToRead,
} from "./reading-messages.ts";

const MAX_THREADS = 4;

/** A list that is being read. */
interface Order {
  readonly onRead: (at: number, reading: Reading) => void;
  readonly ended: PromiseWithResolvers<void>;
  /** Threads that still have it before them. */
  threads: number;
  fault: Fault | undefined;
}

/** Threads that read copies back and hash them: one a core. */
export class ReadingThreads {
  readonly #threads: readonly Thread<ReadingList, FromReader>[];
  readonly #orders = new Map<number, Order>();
  readonly #signal: AbortSignal;
  readonly #abort = (): void => this.#fail(asFault(this.#signal.reason));
  #lists = 0;
  #failed: Fault | undefined;

  constructor(signal: AbortSignal) {
    const count = Math.min(MAX_THREADS, Math.max(1, availableParallelism()));
    this.#threads = Array.from({ length: count }, () => this.#start());
    // A thread may be inside a slow copy: whoever waits for it must not.
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort);
    if (signal.aborted) this.#abort();
  }

  /**
   * Reads objects of the copy that lies in the folder `root` and compares their SHA-256 with what it
   * must be. Lists are read in the order of the calls, and the next one begins at once when there is
   * nothing more to take of the one before. Throws the Fault of a copy that is no longer there.
   *
   * @param onRead called for each object, by its number in the list, in any order
   */
  async read(
    place: { readonly copy: string; readonly root: string },
    objects: readonly ToRead[],
    onRead: (at: number, reading: Reading) => void,
  ): Promise<void> {
    if (this.#failed) throw this.#failed;
    const list = this.#lists++;
    const ended = Promise.withResolvers<void>();
    const order: Order = { onRead, ended, threads: this.#threads.length, fault: undefined };
    this.#orders.set(list, order);
    const turn = new Int32Array(new SharedArrayBuffer(8));
    const message: ReadingList = { list, ...place, objects, turn };
    for (const thread of this.#threads) thread.post(message);
    await ended.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener("abort", this.#abort); // it outlives this run
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #start(): Thread<ReadingList, FromReader> {
    return new Thread(new URL("reading-thread.ts", import.meta.url), {
      onMessage: (message: FromReader) => this.#hear(message),
      onError: (error) => this.#fail(asFault(error)),
    });
  }

  #hear(message: FromReader): void {
    const order = this.#orders.get(message.list);
    if (!order) return;
    if (message.done === "object") {
      order.onRead(message.at, message.reading);
      return;
    }
    if (message.fault) order.fault ??= new Fault(message.fault.code, message.fault);
    if (--order.threads > 0) return;
    this.#orders.delete(message.list);
    if (order.fault) order.ended.reject(order.fault);
    else order.ended.resolve();
  }

  #fail(fault: Fault): void {
    this.#failed ??= fault;
    for (const { ended } of this.#orders.values()) ended.reject(this.#failed);
    this.#orders.clear();
  }
}
