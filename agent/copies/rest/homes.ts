import { Fault } from "../../base/fault.ts";
import { remoteFault } from "../remote-faults.ts";
import { answerFault, isSuccess, isWebPage, WORDS_LIMIT } from "./answers.ts";
import { RemoteFiles } from "./files.ts";
import type { Http } from "./http.ts";
import { type ListedFile, findFolder } from "./listing.ts";

/**
 * A small repository of ours on the vault's server. restic opens the vault's as if it were not
 * there: it looks only into the folders that it knows.
 *
 * rest-server takes repositories at most two folders deep, and those of a user with a private place
 * only below the user's name. So there are two homes to try: `mikura/` inside the vault's folder,
 * and beside it.
 */
export type Homes = readonly Http[];

/** The same connection, one folder further down. */
export function below(http: Http, folder: string): Http {
  return {
    place: `${http.place}/${folder}`,
    request: (request) => http.request({ ...request, path: `${folder}/${request.path}` }),
    close: async () => {},
  };
}

/** The URL of the home beside a vault's repository, or undefined where the vault is at the root. */
export function urlBeside(vault: string): string | undefined {
  const url = new URL(vault);
  const path = url.pathname.replace(/\/$/, "");
  if (path === "") return undefined;
  url.pathname = `${path}-mikura/`;
  return url.href;
}

export type HomeFolder = "keys" | "locks";

export interface Home {
  readonly files: RemoteFiles;
  /** What lies in its folders. */
  readonly keys: readonly ListedFile[];
  readonly locks: readonly ListedFile[];
}

/** The first home that is there, or undefined. */
export async function findHome(homes: Homes, copy: string): Promise<Home | undefined> {
  for (const [n, http] of homes.entries()) {
    const home = await lookInto(http, copy).catch((error: unknown) => {
      // Wrong credentials would have shown at the first: the others may simply not be ours.
      if (n > 0 && error instanceof Fault && error.code === "copy-refused") return undefined;
      throw error;
    });
    if (home) return home;
  }
  return undefined;
}

async function lookInto(http: Http, copy: string): Promise<Home | undefined> {
  const [keys, locks] = await Promise.all([
    findFolder(http, copy, "keys"),
    findFolder(http, copy, "locks"),
  ]);
  if (keys && locks) return { files: new RemoteFiles(http, copy), keys, locks };
  if (!keys && !locks) return undefined;
  const at = { copy, place: http.place };
  throw remoteFault("unsteady", at, "404 for one of two folders that were made together");
}

/** The home that is there, or else the first one that the server lets us make. */
export async function haveHome(homes: Homes, copy: string): Promise<Home> {
  const home = await findHome(homes, copy);
  if (home) return home;
  let refusal: Error = new RangeError("Cannot make a home without a place for it");
  for (const http of homes) {
    const path = "?create=true";
    const answer = await http.request({ method: "POST", path, limit: WORDS_LIMIT });
    if (isSuccess(answer) && !isWebPage(answer))
      return { files: new RemoteFiles(http, copy), keys: [], locks: [] };
    refusal = answerFault(answer, { copy, place: http.place }, `POST ${path}`);
    if (![400, 401, 403, 404, 405].includes(answer.status)) break;
  }
  throw refusal;
}
