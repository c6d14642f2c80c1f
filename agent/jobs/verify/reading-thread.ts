import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { asFault } from "../../base/fault.ts";
import { blockingDisk } from "../../copies/local/blocking-disk.ts";
import { createLocalStore } from "../../copies/local/local-store.ts";
import type { Store } from "../../copies/store.ts";
import { loaded } from "../common/thread.ts";
import {
  type FromReader,
  type Reading,
  type ReadingList,
  TURN,
  type ToRead,
} from "./reading-messages.ts";

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

/** A mismatch is read once more, because a bad transfer is not a bad object. */
async function readObject(store: Store, object: ToRead): Promise<Reading> {
  try {
    for (let reading = 0; reading < 2; reading++) {
      const hash = createHash("sha256");
      const size = await store.readThrough(object, (piece) => hash.update(piece));
      if (size === undefined) return "missing";
      const sha256 = hash.digest("hex");
      if (object.sha256 === undefined || sha256 === object.sha256) return "good";
    }
    return "damaged";
  } catch (error) {
    const fault = asFault(error);
    // The copy itself is gone or closed: that is no word about this object.
    if (fault.code !== "copy-failed" && fault.code !== "too-large") throw fault;
    return { unreadable: fault.what };
  }
}

loaded();
