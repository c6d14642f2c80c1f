import { type Fault, asFault } from "../../base/fault.ts";
import { CONFIG, type ObjectRef } from "../../copies/store.ts";
import { type HeldByKind, listKind } from "../common/held.ts";
import type { ReadyCopy } from "../common/open-copies.ts";
import type { NewPack } from "./sealers.ts";

/** Packs that are written to one copy at a time: while one is synced the next is written. */
const AT_ONCE = 2;

const KINDS = ["keys", "data", "index", "snapshots"] as const;

interface Waiting {
  readonly pack: NewPack;
  readonly done: (stored: boolean) => void;
}

/** What one copy holds, and its way of getting more. Its trouble stays its own (promise 7). */
export class CopyLane {
  readonly ready: ReadyCopy;
  /** "kind/name" of all objects in the copy, with their sizes. */
  readonly present: Map<string, number> = new Map();
  /** Why the copy gets no more in this run. */
  fault: Fault | undefined;
  objectsSent = 0;
  bytesSent = 0;
  #waiting: Waiting[] = [];
  #active = 0;
  readonly #onMove: () => void;

  /** `onMove` is called whenever a pack has left the lane. */
  constructor(ready: ReadyCopy, onMove: () => void) {
    this.ready = ready;
    this.#onMove = onMove;
  }

  get name(): string {
    return this.ready.copy.name;
  }

  get idle(): boolean {
    return this.#active === 0 && this.#waiting.length === 0;
  }

  holds(kind: string, name: string): boolean {
    return this.present.has(`${kind}/${name}`);
  }

  /** Learns what the copy holds, and clears away what a killed run left. */
  async look(before: HeldByKind): Promise<void> {
    await this.attempt(async () => {
      await this.ready.store.sweep();
      for (const kind of KINDS) {
        for (const [name, size] of await listKind(this.ready.store, this.name, kind, before))
          this.present.set(`${kind}/${name}`, size);
      }
      const config = await this.ready.store.size(CONFIG);
      if (config !== undefined) this.present.set("config/config", config);
    });
  }

  /** Queues a pack; the answer says whether the copy has it (not yet durable). */
  offer(pack: NewPack): Promise<boolean> {
    if (this.fault) return Promise.resolve(false);
    return new Promise((done) => {
      this.#waiting.push({ pack, done });
      this.#move();
    });
  }

  /** Gives up the packs that wait: the copy owes them, and gets them later from another copy. */
  owe(): void {
    for (const { done } of this.#waiting.splice(0)) done(false);
  }

  /** Puts one object; false where the copy failed. */
  async put(object: ObjectRef, bytes: Uint8Array): Promise<boolean> {
    return await this.attempt(async () => {
      await this.ready.store.put(object, bytes);
      this.present.set(`${object.kind}/${object.name}`, bytes.length);
      this.objectsSent++;
      this.bytesSent += bytes.length;
    });
  }

  async sync(): Promise<boolean> {
    return await this.attempt(() => this.ready.store.sync());
  }

  /** Does something with the copy; a failure ends the copy's part in this run. */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    if (this.fault) return false;
    try {
      await work();
      return true;
    } catch (error) {
      this.fault ??= asFault(error);
      this.owe();
      return false;
    }
  }

  #move(): void {
    while (this.#active < AT_ONCE && this.#waiting.length > 0) {
      const next = this.#waiting.shift()!;
      this.#active++;
      void this.#store(next);
    }
  }

  async #store({ pack, done }: Waiting): Promise<void> {
    done(await this.put({ kind: "data", name: pack.contents.pack }, pack.bytes));
    this.#active--;
    this.#move();
    this.#onMove();
  }
}
