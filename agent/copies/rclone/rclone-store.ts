import { createPlainNotes } from "../rest/plain-notes.ts";
import { createRestStore } from "../rest/rest-store.ts";
import type { Store } from "../store.ts";
import { createRcloneHttp, type RcloneOptions } from "./rclone-http.ts";
import { tryToDelete } from "./undeletable.ts";

export interface RcloneRemote {
  /** Closing it ends rclone. */
  readonly store: Store;
  /** Tries to delete a probe with the credentials that rclone uses (rule R5). */
  readonly isUndeletable: () => Promise<boolean>;
}

/**
 * A copy on whatever rclone can reach, in restic's layout, so that `restic -r rclone:NAME:PATH`
 * opens it.
 *
 * Most storage behind rclone has no rename that rclone uses here: where rclone itself is killed in
 * the middle of a put, a part of the object may stay under its name. Its length shows it, and the
 * next put of that object replaces it.
 *
 * @throws Fault policy-unsound for a remote that is no NAME:PATH
 */
export function openRclone(options: RcloneOptions): RcloneRemote {
  const http = createRcloneHttp(options);
  const { copy } = options;
  return {
    store: createRestStore(http, { copy, notes: createPlainNotes(http, copy) }),
    isUndeletable: async () => (await tryToDelete(http, copy)) === "proved",
  };
}
