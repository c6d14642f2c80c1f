import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fault } from "../../agent/base/fault.ts";
import { believedListing } from "../../agent/copies/believe.ts";
import { createFaultyStore, type FaultyStore } from "../../agent/copies/faulty-store.ts";
import { createPatientStore } from "../../agent/copies/patient-store.ts";
import type { Store } from "../../agent/copies/store.ts";
import {
  type Act,
  actsOn,
  attempt,
  NOTE,
  readWhole,
  same,
  simulatedPatience,
} from "./lying-acts.ts";
import { listed, objectOf } from "./store-suite.ts";

/** What a service does instead of what it was asked. */
export const LIES = [
  /** Keeps the first half of what is sent, and answers well. */
  "short-upload",
  /** Lists nothing, or the half, and says that this is all. */
  "empty-listing",
  "half-listing",
  /** Breaks off in the middle of a listing. */
  "broken-listing",
  /** 404 for what is there, but for listings. */
  "not-found",
  /** 503 for everything. */
  "busy",
  /** Cuts the connection after some bytes of an object or a note, either way. */
  "cut",
  /** Takes every request and never answers; the connection stays. */
  "stall",
  /** Resets the connection; what was sent may have been stored. */
  "reset",
  /** Changes a bit of what is read, not its length. */
  "garbage",
] as const;

export type Lie = (typeof LIES)[number];

/** The hand on the service. */
export interface Liar {
  /**
   * From now on lies about every request that it can lie about; `times`: about so many only.
   * `at`: after how many bytes "cut" cuts; where there are fewer, it need not.
   */
  lie(lie: Lie, options?: { readonly times?: number; readonly at?: number }): void;
  truth(): void;
}

export interface LyingSubject {
  /** Empty, prepared, on a service that tells the truth so far. */
  readonly store: Store;
  readonly liar: Liar;
  /** The one whose signal the store was made with. */
  readonly abort: AbortController;
  dispose(): Promise<void>;
}

export interface LyingOptions {
  /** After how long without a byte the store must cut a connection, ms. */
  readonly stallMs: number;
}

/** So long that a slow machine is not taken for a stalled service. */
const PATIENT_MS = 600_000;
const HASTY_MS = 1000;

/** Lies that pass, as far as a store can see: it must say so, for them to be borne. */
const PASSING: ReadonlySet<Lie> = new Set(["broken-listing", "busy", "cut", "stall", "reset"]);

/** What a store must do on a service that lies; `leftOut`: lies that its service cannot tell. */
export function describeLies(
  name: string,
  make: (options: LyingOptions) => Promise<LyingSubject>,
  { leftOut = [] }: { readonly leftOut?: readonly Lie[] } = {},
): void {
  const told = (...wanted: readonly Lie[]): Lie[] => wanted.filter((lie) => !leftOut.includes(lie));

  describe(`lies: ${name}`, () => {
    let subject: LyingSubject;
    let store: Store;
    let liar: Liar;
    const contents = [1, 20, 300, 4000, 30_000, 31_000].map((size) => randomBytes(size));
    const whole = contents.at(-1)!;
    const object = objectOf(whole);
    const fresh = randomBytes(25_000);
    const note = Buffer.from('{"last":"put"}');
    const all = new Map(contents.map((bytes) => [objectOf(bytes).name, bytes.length]));

    async function open(stallMs: number): Promise<void> {
      subject = await make({ stallMs });
      ({ store, liar } = subject);
      for (const bytes of contents) await store.put(objectOf(bytes), bytes);
      await store.writeNote(NOTE, note);
      await store.sync();
    }
    afterEach(async () => {
      liar.truth();
      await store.close();
      await subject.dispose();
    });

    const believed = (of: Store): Promise<Map<string, number>> =>
      believedListing(of, { copy: "test", kind: "data", expected: all });

    const acts = actsOn({ object, whole, fresh, note, all });

    /** All is as it should be, now that the truth is told; what failed is done again. */
    async function expectWhole(failed: readonly Act[]): Promise<void> {
      // Those that write are the last, and mend what those that read are about to see.
      for (const act of failed.toReversed()) await act.work(store);
      for (const bytes of [...contents, fresh])
        expect(same(await store.get(objectOf(bytes)), bytes)).toBe(true);
      expect(await store.readNote(NOTE)).toEqual(note);
      expect((await listed(store, "data")).size).toBe(all.size + 1);
    }

    /** Three tries, and none after them. */
    async function expectOutOfOrder(): Promise<void> {
      const counted: FaultyStore = createFaultyStore(store, { at: Infinity, how: "error" });
      const patient = createPatientStore(counted, simulatedPatience({ tries: 3 }));
      const fault = await attempt(() => patient.get(object));
      expect(fault).toBeInstanceOf(Fault);
      expect(counted.operations).toEqual(["get", "get", "get"]);
      for (const act of acts) expect(await attempt(() => act.work(patient))).toBe(fault);
      expect(counted.operations).toHaveLength(3);
    }

    describe.skipIf(told("stall").length === 0)("stall", () => {
      it("is cut", async () => {
        await open(HASTY_MS);
        liar.lie("stall");
        for (const fault of await Promise.all(acts.map((act) => attempt(() => act.work(store)))))
          expect(fault).toMatchObject({ code: "copy-absent", transient: true });
        liar.truth();
        await expectWhole(acts);
      });

      it("is borne, with patience, or puts the store out of order", async () => {
        await open(HASTY_MS);
        liar.lie("stall", { times: 2 });
        const patient = createPatientStore(store, simulatedPatience({ tries: 20 }));
        expect(same(await readWhole(patient, object, whole), whole)).toBe(true);
        liar.lie("stall");
        await expectOutOfOrder();
      });

      it("ends at once when it is cancelled", async () => {
        await open(PATIENT_MS);
        liar.lie("stall");
        const reason = new Error("interrupted");
        const working = acts.map((act) => act.work(store).catch((error: unknown) => error));
        await new Promise((resolve) => setTimeout(resolve, 100));
        subject.abort.abort(reason);
        for (const end of await Promise.all(working)) expect(end).toBe(reason);
      });
    });

    describe("what passes at once", () => {
      beforeEach(() => open(PATIENT_MS));
      const quick = told(...LIES).filter((lie) => lie !== "stall");

      it.each(quick)("says what is right or fails, alone: %s", async (lie) => {
        const failed: Act[] = [];
        for (const act of acts) {
          liar.lie(lie, { at: 5 });
          const answer = await attempt(() => act.work(store));
          liar.truth();
          const place = `${act.name}: ${String(answer)}`;
          if (answer instanceof Fault) {
            failed.push(act);
            if (!PASSING.has(lie) && lie !== "short-upload") continue;
            expect(answer.transient, place).toBe(true);
            expect(["copy-absent", "copy-failed"], place).toContain(answer.code);
          } else if (!isTolerated(lie, act, answer)) {
            expect(same(answer, act.right), place).toBe(true);
          }
        }
        if (lie === "busy") expect(failed).toHaveLength(acts.length);
        await expectWhole(failed);
      });

      it.each(quick)("bears it for a while, with patience: %s", async (lie) => {
        const patient = createPatientStore(store, simulatedPatience({ tries: 20 }));
        const failed: Act[] = [];
        for (const act of acts) {
          for (const times of [1, 2]) {
            liar.lie(lie, { times, at: 5 });
            const answer = await attempt(() => act.work(patient));
            liar.truth();
            // A 404 is nothing that a store must take for passing.
            if (lie === "not-found" && answer instanceof Fault) failed.push(act);
            else if (!isTolerated(lie, act, answer))
              expect(same(answer, act.right), `${act.name}: ${String(answer)}`).toBe(true);
          }
        }
        await expectWhole(failed);
      });

      it.each(told("busy", "reset"))(
        "is out of order, with patience, when it lasts: %s",
        async (lie) => {
          liar.lie(lie);
          await expectOutOfOrder();
        },
      );

      it.skipIf(told("short-upload").length === 0)(
        "never says well to a short upload",
        async () => {
          const patient = createPatientStore(store, simulatedPatience({ tries: 3 }));
          liar.lie("short-upload");
          expect(await attempt(() => patient.put(objectOf(fresh), fresh))).toBeInstanceOf(Fault);
          liar.truth();
          await store.put(objectOf(fresh), fresh);
          expect(same(await store.get(objectOf(fresh)), fresh)).toBe(true);
        },
      );

      describe.skipIf(told("cut").length === 0)("with the connection cut", () => {
        const places = [0, 1, 999, 15_000, 30_999];

        it.each(places)("after byte %d of what is read", async (at) => {
          liar.lie("cut", { at });
          expect(await attempt(() => store.get(object))).toMatchObject({ transient: true });
          const through = await attempt(() => readWhole(store, object, whole));
          expect(through).toMatchObject({ transient: true });
          liar.lie("cut", { at, times: 1 });
          const patient = createPatientStore(store, simulatedPatience({ tries: 20 }));
          expect(same(await readWhole(patient, object, whole), whole)).toBe(true);
          liar.lie("cut", { at, times: 2 });
          expect(same(await patient.get(object), whole)).toBe(true);
        });

        it.each([0, 1, 999, 15_000, 24_999])("after byte %d of what is sent", async (at) => {
          const sent = objectOf(fresh);
          liar.lie("cut", { at });
          expect(await attempt(() => store.put(sent, fresh))).toMatchObject({ transient: true });
          liar.lie("cut", { at, times: 1 });
          await createPatientStore(store, simulatedPatience({ tries: 20 })).put(sent, fresh);
          liar.truth();
          expect(same(await store.get(sent), fresh)).toBe(true);
        });
      });

      it.skipIf(told("garbage").length === 0)("is right when garbage is read again", async () => {
        liar.lie("garbage", { times: 1 });
        const first = await store.get(object);
        if (!same(first, whole)) expect(same(await store.get(object), whole)).toBe(true);
      });

      describe("with listings that must be believed", () => {
        it.each(told("empty-listing", "half-listing"))("not: %s", async (lie) => {
          liar.lie(lie);
          expect(await attempt(() => believed(store))).toMatchObject({
            code: "copy-failed",
            transient: true,
          });
          liar.lie(lie, { times: 1 });
          // A driver may find it out by itself, and say that it passes.
          const patient = createPatientStore(store, simulatedPatience({ tries: 20 }));
          expect(await believed(patient)).toEqual(all);
        });

        it.each(told("broken-listing", "busy", "reset"))("with patience: %s", async (lie) => {
          liar.lie(lie);
          expect(await attempt(() => believed(store))).toBeInstanceOf(Fault);
          liar.lie(lie, { times: 2 });
          const patient = createPatientStore(store, simulatedPatience({ tries: 20 }));
          expect(await believed(patient)).toEqual(all);
        });

        it.each(told("not-found"))("whole, though: %s", async (lie) => {
          liar.lie(lie);
          expect(await believed(store)).toEqual(all);
        });

        it("gone is gone", async () => {
          await store.remove(object);
          const left = new Map(all);
          left.delete(object.name);
          expect(await believed(store)).toEqual(left);
          for (const name of left.keys()) await store.remove({ kind: "data", name });
          expect(await believed(store)).toEqual(new Map());
        });
      });
    });
  });
}

/** What only the caller can find out, who knows the hash or what to expect. */
function isTolerated(lie: Lie, { name, right }: Act, answer: unknown): boolean {
  if (lie === "not-found") return answer === undefined;
  if (lie === "garbage") return Buffer.isBuffer(answer) && answer.length === lengthOf(right);
  if (lie !== "empty-listing" && lie !== "half-listing") return false;
  return name === "list" && answer instanceof Map && answer.size < lengthOf(right);
}

function lengthOf(right: unknown): number {
  if (right instanceof Map) return right.size;
  return Buffer.isBuffer(right) ? right.length : Number.NaN;
}
