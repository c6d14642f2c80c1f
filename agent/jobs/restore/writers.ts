import { availableParallelism } from "node:os";
import { asFault, type Fault } from "../../base/fault.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { Thread } from "../common/thread.ts";
import type {
  FromWriter,
  ToWriter,
  WriterReply,
  WriterStart,
  WriterTask,
} from "./write-messages.ts";

const MAX_THREADS = 4;
/** Tasks a thread has before it. */
const DEPTH = 2;
/** A thread makes few objects, and what it makes dies young. MiB. */
const YOUNG = 8;

interface Writer {
  readonly thread: Thread<ToWriter, FromWriter>;
  waiting: number;
}

interface Pending {
  readonly resolve: (reply: WriterReply) => void;
  readonly reject: (fault: Fault) => void;
}

/** The writing threads of a restore. */
export class Writers {
  readonly #threads: Writer[];
  readonly #pending = new Map<number, Pending>();
  #ticket = 0;
  #failed: Fault | undefined;
  #moved: (() => void)[] = [];

  constructor(key: MasterKey, owners: boolean) {
    const count = Math.min(MAX_THREADS, Math.max(2, availableParallelism()));
    const workerData: WriterStart = { key, owners };
    this.#threads = Array.from({ length: count }, () => this.#start(workerData));
  }

  get count(): number {
    return this.#threads.length;
  }

  /** Waits until a thread has room. */
  async room(): Promise<void> {
    while (this.#threads.every(({ waiting }) => waiting >= DEPTH)) await this.#move();
    this.#check();
  }

  /**
   * Gives a task to the named thread, or to the one with least to do; what comes of it. A part is
   * given away with it.
   */
  run(task: WriterTask, thread?: number): Promise<WriterReply> {
    this.#check();
    const chosen =
      thread === undefined
        ? this.#threads.reduce((a, b) => (b.waiting < a.waiting ? b : a))
        : this.#threads[thread % this.#threads.length]!;
    const ticket = this.#ticket++;
    const reply = new Promise<WriterReply>((resolve, reject) => {
      this.#pending.set(ticket, { resolve, reject });
    });
    reply.catch(() => undefined); // whoever does not wait for it hears of it from `room` or `finish`
    chosen.waiting++;
    const given = "part" in task ? [task.part.buffer] : [];
    chosen.thread.post({ ticket, ...task }, given);
    return reply;
  }

  /** Waits until every thread has done all it was given. */
  async finish(): Promise<void> {
    while (this.#pending.size > 0) await this.#move();
    this.#check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(({ thread }) => thread.end()));
  }

  #start(workerData: WriterStart): Writer {
    const thread = new Thread<ToWriter, FromWriter>(new URL("writer-thread.ts", import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
      onMessage: ({ ticket, reply }) => {
        writer.waiting--;
        this.#pending.get(ticket)!.resolve(reply);
        this.#pending.delete(ticket);
        this.#wake();
      },
      onError: (error) => {
        this.#failed ??= asFault(error);
        for (const { reject } of this.#pending.values()) reject(this.#failed);
        this.#wake();
      },
    });
    const writer: Writer = { thread, waiting: 0 };
    return writer;
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
