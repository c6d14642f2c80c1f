import { createHash } from "node:crypto";
import { asFault } from "../../base/fault.ts";
import type { Store } from "../../copies/store.ts";
import type { Reading, ToRead } from "./reading-messages.ts";

/**
 * Reads one object to its end and hashes it. A mismatch is read once more, because a bad transfer is
 * not a bad object. Throws the Fault of a copy that is no longer there.
 */
export async function readObject(store: Store, object: ToRead): Promise<Reading> {
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
