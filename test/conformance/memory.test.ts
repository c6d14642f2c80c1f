import { createFaultyStore } from "../../agent/copies/faulty-store.ts";
import { createMemoryStore } from "../../agent/copies/memory-store.ts";
import type { Store } from "../../agent/copies/store.ts";
import { describeStore, type Subject } from "./store-suite.ts";

async function memorySubject(wrap: (store: Store) => Store): Promise<Subject> {
  const memory = createMemoryStore();
  return {
    store: wrap(memory),
    reopen: async () => wrap(memory),
    plant: async (path, bytes) => void memory.files.set(path, Buffer.from(bytes)),
    leaveLitter: async () => 0,
    dispose: async () => {},
  };
}

describeStore("memory", () => memorySubject((store) => store));

describeStore("faulty, before its fault is due", () =>
  memorySubject((store) => createFaultyStore(store, { at: Number.MAX_SAFE_INTEGER, how: "error" })),
);
