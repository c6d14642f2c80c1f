import * as fc from "fast-check";
import { createFaultyStore, type FaultKind } from "../../agent/copies/faulty-store.ts";
import { createMemoryStore, type MemoryStore } from "../../agent/copies/memory-store.ts";
import { createPatientStore } from "../../agent/copies/patient-store.ts";
import { remoteFault } from "../../agent/copies/remote-faults.ts";
import type { Store } from "../../agent/copies/store.ts";
import { simulatedPatience } from "./lying-acts.ts";
import { describeStore, type Subject } from "./store-suite.ts";

async function subjectOf(wrap: (store: MemoryStore) => Store): Promise<Subject> {
  const memory = createMemoryStore();
  return {
    store: wrap(memory),
    reopen: async () => wrap(memory),
    plant: async (path, bytes) => void memory.files.set(path, Buffer.from(bytes)),
    leaveLitter: async () => 0,
    dispose: async () => {},
  };
}

/** Three of five operations fail, in no order: a regular one could spoil the same step each time. */
const WEATHER = fc.sample(
  fc.constantFrom<FaultKind | undefined>("error", "cut", "lost", undefined, undefined),
  { numRuns: 997, seed: 1 },
);

function stormy(memory: MemoryStore): Store {
  return createFaultyStore(memory, {
    how: (operation, count) => {
      const how = WEATHER[count % WEATHER.length];
      // Half an object over a whole one is no store's doing, only a liar's (lying-suite.ts).
      return how === "cut" && operation === "put" ? "error" : how;
    },
    error: remoteFault("unreachable", { copy: "test", place: "memory" }),
  });
}

describeStore("memory, with patience", () =>
  subjectOf((memory) => createPatientStore(memory, simulatedPatience())),
);

// Where waiting takes all the time there is, the limits of a run would end it soon.
const ENDLESS = { greetingMs: Infinity, operationMs: Infinity, runMs: Infinity, tries: Infinity };

describeStore("memory in a storm, with patience", () =>
  subjectOf((memory) => createPatientStore(stormy(memory), simulatedPatience(ENDLESS))),
);
