import { type Transferable, Worker, type WorkerOptions, parentPort } from "node:worker_threads";

const LOADED = "loaded";

/** What a thread is started with, and who hears of it. */
export interface ThreadOptions<From> extends Pick<WorkerOptions, "workerData" | "resourceLimits"> {
  readonly onMessage: (message: From) => void;
  /** The thread is gone. */
  readonly onError: (error: Error) => void;
}

/** A worker thread. Its module says `loaded()` as its last step, before it sends anything else. */
export class Thread<To, From> {
  readonly #worker: Worker;
  readonly #settled = Promise.withResolvers<void>();

  constructor(module: URL, { onMessage, onError, ...options }: ThreadOptions<From>) {
    this.#worker = new Worker(module, options);
    this.#worker.on("message", (message: From | typeof LOADED) => {
      if (message === LOADED) this.#settled.resolve();
      else onMessage(message);
    });
    this.#worker.on("error", (error: Error) => {
      this.#settled.resolve();
      onError(error);
    });
  }

  post(message: To, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, [...transfer]);
  }

  /**
   * Ends the thread, whatever it is doing, but not before it has loaded: a native module that is cut
   * off while it loads takes the whole program down (Node: "FATAL ERROR … napi_throw").
   */
  async end(): Promise<void> {
    await this.#settled.promise;
    await this.#worker.terminate();
  }
}

/** Called in a thread: from now on it may be ended at any moment. */
export function loaded(): void {
  parentPort!.postMessage(LOADED);
}
