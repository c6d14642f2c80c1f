import { parentPort } from "node:worker_threads";
import { asFault } from "../../base/fault.ts";
import { blockingDisk } from "../../copies/local/blocking-disk.ts";
import { createLocalStore } from "../../copies/local/local-store.ts";
import { loaded } from "../common/thread.ts";
import { readObject } from "./read-object.ts";
import { type FromReader, type ReadingList, TURN } from "./reading-messages.ts";

// A reading thread: lists of objects in, what the bytes of each are worth out.

/** Lists are read one behind the other, also where a copy's fault takes its time. */
let work = Promise.resolve();

parentPort!.on("message", (list: ReadingList) => {
  work = work.then(() => readList(list));
});

async function readList({ list, copy, root, objects, turn }: ReadingList): Promise<void> {
  const store = createLocalStore({ copy, root, disk: blockingDisk });
  try {
    while (Atomics.load(turn, TURN.stopped) === 0) {
      const at = Atomics.add(turn, TURN.next, 1);
      if (at >= objects.length) break;
      say({ list, done: "object", at, reading: await readObject(store, objects[at]!) });
    }
    say({ list, done: "list" });
  } catch (error) {
    Atomics.store(turn, TURN.stopped, 1);
    const { code, what, next, exit } = asFault(error);
    say({ list, done: "list", fault: { code, what, next, exit } });
  }
}

function say(message: FromReader): void {
  parentPort!.postMessage(message);
}

loaded();
