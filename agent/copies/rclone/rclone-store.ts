import { createPlainNotes } from "../rest/plain-notes.ts";
import { createRestStore } from "../rest/rest-store.ts";
import type { Store } from "../store.ts";
import { createRcloneHttp, type RcloneOptions } from "./rclone-http.ts";

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
export function createRcloneStore(options: RcloneOptions): Store {
  const http = createRcloneHttp(options);
  return createRestStore(http, {
    copy: options.copy,
    notes: createPlainNotes(http, options.copy),
  });
}
