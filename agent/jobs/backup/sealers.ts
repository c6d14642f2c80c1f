import { availableParallelism } from "node:os";
import { Fault, asFault } from "../../base/fault.ts";
import type { RawName } from "../../base/raw-name.ts";
import type { BlobIndex } from "../../vault/blob-index.ts";
import { FINE } from "../../vault/chunker.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { SLOT_BYTES } from "../../vault/pack-writer.ts";
import type { PackContents } from "../../vault/packed.ts";
import { Thread } from "../common/thread.ts";
import { ChunkBlocks } from "./chunk-blocks.ts";
import { PackSlots } from "./pack-slots.ts";
import type { FromSealer, SealedFiles, SealerStart, ToSealer } from "./seal-messages.ts";

/** A pack as it leaves a sealing thread. `release` gives its memory back; call it exactly once. */
export interface NewPack {
  readonly bytes: Buffer;
  readonly contents: PackContents;
  readonly release: () => void;
}

/** More threads than this wait for the disk. */
const MAX_THREADS = 4;
/** Packs that may be on their way to the copies, beside one open pack of each thread and the trees'. */
const PACKS_IN_FLIGHT = 2;
/** Batches a thread has before it: one at work, one ready, so that it never waits for the walk. */
const DEPTH = 2;
/**
 * Room for a thread's short-lived objects. V8 would take some 60 MB, and is no faster with it: the
 * bulk of the data lies outside its heap.
 */
const YOUNG_MB = 6;
/** Blocks of the one large file that all threads seal: one is read, the others are sealed. */
const BLOCKS = 3;

interface Sealer {
  /** Started with its first work: an unchanged source needs no thread. */
  thread: Thread<ToSealer, FromSealer> | undefined;
  readonly waiting: Map<number, PromiseWithResolvers<FromSealer>>;
}

/** The sealing threads. Trees all go to the first one, so that there is one open tree pack. */
export class Sealers {
  readonly slots: PackSlots;
  readonly #key: MasterKey;
  readonly #onPack: (pack: NewPack) => void;
  readonly #blocks: ChunkBlocks;
  readonly #threads: Sealer[];
  readonly #index: { data: BlobIndex; tree: BlobIndex };
  #ticket = 0;
  #promised = 0; // blobs that the batches under way may add
  #failed: Fault | undefined;
  #room: (() => void)[] = [];

  constructor(
    key: MasterKey,
    index: { data: BlobIndex; tree: BlobIndex },
    onPack: (pack: NewPack) => void,
    signal: AbortSignal,
  ) {
    const count = Math.min(MAX_THREADS, Math.max(2, availableParallelism()));
    this.slots = PackSlots.create(count + 1 + PACKS_IN_FLIGHT, SLOT_BYTES);
    this.#index = index;
    this.#blocks = ChunkBlocks.create(BLOCKS);
    this.#key = key;
    this.#onPack = onPack;
    this.#threads = Array.from({ length: count }, () => ({
      thread: undefined,
      waiting: new Map(),
    }));
    // A thread may be inside a file of any size: whoever waits for it must not.
    signal.addEventListener("abort", () => this.#fail(asFault(signal.reason)), { once: true });
  }

  #start(sealer: Sealer): Thread<ToSealer, FromSealer> {
    const workerData: SealerStart = {
      key: this.#key,
      slots: this.slots.tables,
      blocks: this.#blocks.tables,
      data: this.#index.data.tables,
      tree: this.#index.tree.tables,
    };
    return new Thread(new URL("sealer-thread.ts", import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      onMessage: (message: FromSealer) => {
        if (message.done === "pack") this.#onPack(this.#newPack(message));
        else if (message.done === "failed") this.#fail(new Fault(message.code, message));
        else if (message.done !== "call") {
          sealer.waiting.get(message.ticket)?.resolve(message);
          sealer.waiting.delete(message.ticket);
          this.#wake();
        }
        this.#assist();
      },
      onError: (error) => this.#fail(asFault(error)),
    });
  }

  #newPack(message: Extract<FromSealer, { done: "pack" }>): NewPack {
    const { slot, size, contents } = message;
    if (message.bytes) {
      this.slots.release(slot);
      return { bytes: Buffer.from(message.bytes.buffer), contents, release() {} };
    }
    const bytes = this.slots.bytes(slot).subarray(0, size);
    return { bytes, contents, release: () => this.slots.release(slot) };
  }

  /** Waits until a thread can take another batch. Throws what a thread died of. */
  async room(): Promise<void> {
    for (;;) {
      this.#check();
      if (this.#threads.some((thread) => thread.waiting.size < DEPTH)) return;
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
  }

  /** Seals a batch of files of `bytes` in all. Wait for `room` first. */
  async files(paths: readonly RawName[], bytes: number): Promise<SealedFiles> {
    // Only the last chunk of a file is smaller than the least.
    const blobs = paths.length + Math.ceil((2 * bytes) / FINE.min);
    await this.#makeRoomFor("data", blobs);
    const message = await this.#ask(this.#leastBusy(), (ticket) => ({
      do: "files",
      ticket,
      paths: paths.map((path) => `${path}\0`).join(""),
    }));
    this.#promised -= blobs;
    if (message.done !== "files") throw new TypeError("A sealing thread answered out of turn");
    return message.results;
  }

  hasTree(id: string): boolean {
    return this.#index.tree.find(Buffer.from(id, "hex")) >= 0;
  }

  async trees(trees: readonly Uint8Array[]): Promise<void> {
    await this.#makeRoomFor("tree", trees.length);
    await this.#ask(this.#threads[0]!, (ticket) => ({ do: "trees", ticket, trees }));
    this.#promised -= trees.length;
  }

  /** Closes the open packs; when it returns, `onPack` has been called for all of them. */
  async flush(): Promise<void> {
    const started = this.#threads.filter(({ thread }) => thread);
    await Promise.all(
      started.map((thread) => this.#ask(thread, (ticket) => ({ do: "flush", ticket }))),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.flatMap(({ thread }) => thread?.end() ?? []));
  }

  /** Threads without work help with the large file that is being read, if there is one. */
  #assist(): void {
    if (!this.#blocks.open || this.#failed) return;
    for (const thread of this.#threads.filter(({ waiting }) => waiting.size === 0))
      this.#ask(thread, (ticket) => ({ do: "assist", ticket })).catch(() => {}); // #fail has told
  }

  #leastBusy(): Sealer {
    return this.#threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
  }

  #ask(sealer: Sealer, message: (ticket: number) => ToSealer): Promise<FromSealer> {
    this.#check();
    const ticket = this.#ticket++;
    const answer = Promise.withResolvers<FromSealer>();
    sealer.waiting.set(ticket, answer);
    sealer.thread ??= this.#start(sealer);
    sealer.thread.post(message(ticket));
    return answer.promise;
  }

  /** The shared index cannot grow while a thread writes to it: all batches end first. */
  async #makeRoomFor(kind: "data" | "tree", blobs: number): Promise<void> {
    const index = this.#index[kind];
    if (index.count + this.#promised + blobs > index.capacity) {
      while (this.#threads.some((thread) => thread.waiting.size > 0)) {
        await new Promise<void>((resolve) => this.#room.push(resolve));
        this.#check();
      }
      index.grow(index.count + this.#promised + blobs);
      const tables = {
        do: "tables",
        data: this.#index.data.tables,
        tree: this.#index.tree.tables,
      } as const;
      for (const { thread } of this.#threads) thread?.post(tables);
    }
    this.#promised += blobs;
  }

  #check(): void {
    if (this.#failed) throw this.#failed;
  }

  #fail(fault: Fault): void {
    this.#failed ??= fault;
    for (const { waiting } of this.#threads) {
      for (const answer of waiting.values()) answer.reject(fault);
      waiting.clear();
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#room.splice(0)) resolve();
  }
}
