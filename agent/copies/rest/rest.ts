import { answerFault, isSuccess, isWebPage, WORDS_LIMIT } from "./answers.ts";
import { below, type Homes, urlBeside } from "./homes.ts";
import type { Http } from "./http.ts";
import { createNestedNotes } from "./nested-notes.ts";
import { createRestStore } from "./rest-store.ts";
import type { Store } from "../store.ts";
import { createTcpHttp, type TcpHttpOptions } from "./tcp-http.ts";
import { isUndeletable, type Undeletable } from "./undeletable.ts";

/** A copy on a restic REST server. */
export interface RestCopy {
  /** Closing it closes everything here. */
  readonly store: Store;
  /**
   * Makes the repository's folders; those that are there stay as they are. Only `init` calls it:
   * before it, a new place answers everything with "no-place".
   */
  readonly prepare: () => Promise<void>;
  /** Tries to delete a probe with the agent's own credentials (rule R5). */
  readonly isUndeletable: () => Promise<Undeletable>;
}

export function openRest(options: TcpHttpOptions): RestCopy {
  const { copy, url } = options;
  const vault = createTcpHttp(options);
  const urls = [urlBeside(url)].filter((each) => each !== undefined);
  const beside = urls.map((each) => createTcpHttp({ ...options, url: each }));
  const homes: Homes = [below(vault, "mikura"), ...beside];
  const both: Http = {
    ...vault,
    async close() {
      for (const http of [vault, ...beside]) await http.close();
    },
  };
  const notes = createNestedNotes({ copy, vault, homes });
  return {
    store: createRestStore(both, { copy, notes }),
    prepare: () => prepareRest(vault, copy),
    isUndeletable: () => isUndeletable(homes, copy),
  };
}

/** @throws Fault where the server does not make the repository. */
export async function prepareRest(http: Http, copy: string): Promise<void> {
  const path = "?create=true";
  const answer = await http.request({ method: "POST", path, limit: WORDS_LIMIT });
  if (isSuccess(answer) && !isWebPage(answer)) return;
  throw answerFault(answer, { copy, place: http.place }, `POST ${path}`);
}
