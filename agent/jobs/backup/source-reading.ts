import type { Progress } from "../../base/progress.ts";
import { type RawName, rawToText } from "../../base/raw-name.ts";
import { excludeOf } from "./exclude.ts";
import { FileBatches, type Ticket, readFileOf } from "./file-batches.ts";
import { type FolderStack, isSame } from "./folder-stack.ts";
import { InOrder } from "./in-order.ts";
import type { RecordCursor } from "./memory-cursor.ts";
import { type Found, type Step, scan } from "./scan.ts";
import type { Sealers } from "./sealers.ts";

export interface FileCounts {
  new: number;
  changed: number;
  unchanged: number;
  unreadable: number;
}

/** What could not be taken in as it should. */
export interface Trouble {
  readonly path: string;
  /** errno, or CHANGING for a file that changed each time it was read. */
  readonly why: string;
}

export const CHANGING = "CHANGING";

/** The walk pauses when this many entries wait for a thread. */
const MAX_WAITING = 50_000;
/** The walk lets the rest of the program breathe after this many steps. */
const BREATHE = 512;

/** Walks a dataset's folders once; reads what is new or changed, and passes all on in order. */
export class SourceReading {
  readonly files: FileCounts = { new: 0, changed: 0, unchanged: 0, unreadable: 0 };
  readonly troubles: Trouble[] = [];
  /** Bytes of all files, and of those that were read. */
  bytes = 0;
  bytesRead = 0;
  readonly #stack: FolderStack;
  readonly #memory: RecordCursor | undefined;
  readonly #progress: Progress;
  readonly #batches: FileBatches;
  readonly #order = new InOrder();
  /** Files of several names (hard links) by device and inode: read once. */
  readonly #twins = new Map<string, Ticket>();

  constructor(given: {
    stack: FolderStack;
    memory: RecordCursor | undefined;
    sealers: Sealers;
    progress: Progress;
  }) {
    this.#stack = given.stack;
    this.#memory = given.memory;
    this.#progress = given.progress;
    this.#batches = new FileBatches(given.sealers);
  }

  async run(
    folders: readonly RawName[],
    exclude: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    let steps = 0;
    for (const step of scan(folders, excludeOf(exclude, folders))) {
      await this.#take(step);
      if (++steps % BREATHE !== 0) continue;
      signal.throwIfAborted();
      await new Promise(setImmediate);
      this.#order.drain();
      while (this.#order.length > MAX_WAITING) {
        await this.#batches.next();
        this.#order.drain();
      }
    }
    await this.#batches.finish();
    signal.throwIfAborted();
    this.#order.drain();
  }

  async #take(step: Step): Promise<void> {
    switch (step.step) {
      case "enter": {
        const device = this.#memory?.enter(step.found.name);
        this.#order.push(() => this.#stack.enter(step.found, step.way, device));
        break;
      }
      case "leave": {
        const before = this.#memory?.leave();
        this.#order.push(() => this.#stack.leave(before));
        break;
      }
      case "special": {
        const before = this.#memory?.special(step.found.name);
        const same = before !== undefined && isSame(before, step.found.stat);
        this.#order.push(() => this.#stack.special(step.found, same));
        break;
      }
      case "unreadable":
        this.#order.push(() => this.#unreadable(step.path, step.errno));
        break;
      case "file":
        await this.#file(step.found);
        break;
    }
  }

  async #file(found: Found): Promise<void> {
    const { name, path, stat } = found;
    const before = this.#memory?.file(name);
    if (before && isSame(before, stat)) {
      this.#count("unchanged", before.size);
      this.#order.push(() =>
        this.#stack.file(name, stat, before, { unchanged: true, stable: true }),
      );
      return;
    }
    const inode = stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : undefined;
    const twin = inode === undefined ? undefined : this.#twins.get(inode);
    const ticket = twin ?? this.#batches.add(path, stat.size);
    if (inode !== undefined) this.#twins.set(inode, ticket);
    this.#order.push(
      () => this.#keep(found, ticket, before ? "changed" : "new", twin === undefined),
      () => ticket.batch.results !== undefined,
    );
    if (this.#batches.full) await this.#batches.send();
  }

  #keep({ name, path }: Found, ticket: Ticket, state: "new" | "changed", first: boolean): void {
    const read = readFileOf(ticket.batch.results!, ticket.i);
    if (typeof read === "string") {
      // Gone before it could be opened: it is no longer part of the source.
      if (read === "ENOENT") this.#stack.missing();
      else this.#unreadable(path, read);
      return;
    }
    this.#count(state, read.content.size);
    if (first) this.bytesRead += Number(read.content.size);
    if (!read.stable) this.troubles.push({ path: rawToText(path), why: CHANGING });
    this.#stack.file(name, read.stat, read.content, { unchanged: false, stable: read.stable });
  }

  #count(state: "new" | "changed" | "unchanged", size: bigint): void {
    this.files[state]++;
    this.bytes += Number(size);
    this.#progress.advance(1, Number(size));
  }

  #unreadable(path: RawName, why: string): void {
    this.files.unreadable++;
    this.troubles.push({ path: rawToText(path), why });
    this.#stack.missing();
  }
}
