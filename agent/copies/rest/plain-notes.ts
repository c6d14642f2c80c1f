import { MAX_NOTE_BYTES } from "../object-faults.ts";
import { remoteFault } from "../remote-faults.ts";
import { answerFault, isSuccess, isWebPage } from "./answers.ts";
import { RemoteFiles } from "./files.ts";
import type { Http } from "./http.ts";
import { listFolder } from "./listing.ts";
import type { Notes } from "./notes.ts";
import { findLie } from "./proof.ts";

/**
 * Notes as ordinary files `mikura/NAME`, for a server that takes any path: rclone. A person finds
 * them there with a file manager. Whether replacing one is atomic is up to the storage behind.
 */
export function createPlainNotes(http: Http, copy: string): Notes {
  const files = new RemoteFiles(http, copy);
  const pathOf = (name: string): string => `mikura/${encodeURIComponent(name)}`;

  return {
    async read(name) {
      const bytes = await files.read(pathOf(name), MAX_NOTE_BYTES);
      if (bytes) return bytes;
      // 404 alone is what rclone says to troubles of its own, too.
      const listed = await listFolder(http, copy, "mikura");
      const isThere = listed.some((file) => file.name.normalize() === name.normalize());
      if (!isThere) return undefined;
      throw remoteFault("unsteady", files.at, `mikura/${name}: 404, and yet the server lists it`);
    },

    async write(name, bytes) {
      const path = pathOf(name);
      const answer = await files.send(path, bytes);
      if (!isSuccess(answer) || isWebPage(answer))
        throw answerFault(answer, files.at, `POST ${path}`);
      const lie = await findLie(files, path, bytes, "bytes");
      if (lie !== undefined) throw remoteFault("untrue", files.at, lie);
    },
  };
}
