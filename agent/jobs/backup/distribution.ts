import { sealFile } from "../../vault/files.ts";
import { idOf } from "../../vault/ids.ts";
import { encodeIndex } from "../../vault/index-file.ts";
import type { MasterKey } from "../../vault/master-key.ts";
import { type PackContents, blobCount } from "../../vault/packed.ts";
import type { ObjectRef } from "../../copies/store.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { CopyLane } from "./copy-lane.ts";
import type { PackSlots } from "./pack-slots.ts";
import { fetchGood } from "./reconcile.ts";
import type { NewPack } from "./sealers.ts";

/** An index file is written after this many packs (half a GiB), so that a kill loses little work. */
const PACKS_PER_INDEX = 32;
/** Or after this many blobs (restic's bound), so that its JSON stays a few MiB. */
const BLOBS_PER_INDEX = 50_000;

interface SentPack {
  readonly contents: PackContents;
  readonly size: number;
  /** Whether each lane has it, in the order of the lanes. */
  readonly stored: readonly Promise<boolean>[];
}

/**
 * Brings new packs to all copies at once, then the index that names them: a pack is durable in a
 * copy before an index there names it (promise 1).
 */
export class Distribution {
  readonly #lanes: readonly CopyLane[];
  readonly #key: MasterKey;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  #sent: SentPack[] = [];
  #indexing: Promise<void> = Promise.resolve();
  /** False once some pack is in no copy together with an index: no snapshot may name it. */
  complete = true;
  /** Bytes of new packs. */
  bytesAdded = 0;
  slots: PackSlots | undefined;

  constructor(lanes: readonly CopyLane[], key: MasterKey, ledger: Ledger, now: () => number) {
    this.#lanes = lanes;
    this.#key = key;
    this.#ledger = ledger;
    this.#now = now;
  }

  accept(pack: NewPack): void {
    const stored = this.#lanes.map((lane) => lane.offer(pack));
    void Promise.all(stored).then(pack.release);
    this.bytesAdded += pack.bytes.length;
    this.#sent.push({ contents: pack.contents, size: pack.bytes.length, stored });
    const blobs = this.#sent.reduce((sum, { contents }) => sum + blobCount(contents), 0);
    if (this.#sent.length >= PACKS_PER_INDEX || blobs >= BLOBS_PER_INDEX) this.#writeIndex();
    this.relieve();
  }

  /** A pack that a killed run had stored somewhere and no index names. */
  adopt(contents: PackContents, size: number): void {
    const stored = this.#lanes.map((lane) => Promise.resolve(lane.holds("data", contents.pack)));
    this.#sent.push({ contents, size, stored });
  }

  /**
   * When the memory for packs is used up and one copy has nothing left to do, the others give up
   * what they have waiting: the fast copy is never held up by the slow one.
   */
  relieve(): void {
    if (!this.slots || this.slots.free > 0) return;
    const alive = this.#lanes.filter((lane) => !lane.fault);
    if (alive.some((lane) => lane.idle)) for (const lane of alive) lane.owe();
  }

  /** Writes the last index; when it returns, all that could be stored is stored and durable. */
  async finish(): Promise<void> {
    this.#writeIndex();
    await this.#indexing;
  }

  #writeIndex(): void {
    const packs = this.#sent;
    if (packs.length === 0) return;
    this.#sent = [];
    this.#indexing = this.#indexing.then(() => this.#index(packs));
    this.#indexing.catch(() => {}); // awaited in finish, unless the run is stopped before
  }

  async #index(packs: readonly SentPack[]): Promise<void> {
    const file = sealFile(this.#key, encodeIndex(packs.map(({ contents }) => contents)));
    const name = idOf(file);
    const index = { kind: "index", name } as const;
    const whole = await Promise.all(
      this.#lanes.map(async (lane, i) => {
        const stored = await Promise.all(packs.map((pack) => pack.stored[i]!));
        if (!(await lane.sync()) || !stored.every(Boolean)) return false;
        return (await lane.put(index, file)) && (await lane.sync());
      }),
    );
    // A pack counts as part of the vault only where a copy has it together with its index;
    // what did not come that far is found in the copies and taken in by the next run.
    if (!whole.some(Boolean) && !(await this.#makeOneWhole(packs, index, file))) {
      this.complete = false;
      return;
    }
    const now = this.#now();
    this.#ledger.together(() => {
      const { objects } = this.#ledger;
      objects.add({ kind: "index", name, size: file.length, sha256: name }, now);
      for (const { contents, size } of packs) {
        objects.add({ kind: "data", name: contents.pack, size, sha256: contents.pack }, now);
      }
      for (const lane of this.#lanes) {
        if (lane.fault) continue; // what it holds may not be durable: the next run looks
        if (lane.holds("index", name)) objects.seen(lane.name, "index", name, now);
        for (const { contents } of packs) {
          if (lane.holds("data", contents.pack))
            objects.seen(lane.name, "data", contents.pack, now);
        }
      }
    });
  }

  /** Where each copy owes some pack that another has, one that works gets the rest from the others. */
  async #makeOneWhole(
    packs: readonly SentPack[],
    index: ObjectRef,
    file: Buffer,
  ): Promise<boolean> {
    for (const lane of this.#lanes) {
      const others = this.#lanes.filter((other) => other !== lane);
      for (const { contents } of packs) {
        if (lane.fault || lane.holds("data", contents.pack)) continue;
        const bytes = await fetchGood(others, "data", contents.pack);
        if (bytes) await lane.put({ kind: "data", name: contents.pack }, bytes);
      }
      if (!packs.every(({ contents }) => lane.holds("data", contents.pack))) continue;
      if ((await lane.sync()) && (await lane.put(index, file)) && (await lane.sync())) return true;
    }
    return false;
  }
}
