import { remoteFault, type RemotePlace } from "../remote-faults.ts";
import { answerFault, isWebPage } from "./answers.ts";
import type { Http, HttpAnswer } from "./http.ts";

/** `size` is unknown where the server speaks version 1 of the protocol only. */
export interface ListedFile {
  readonly name: string;
  readonly size: number | undefined;
}

const VERSION_2 = "application/vnd.x.restic.rest.v2";

/** Room for three million names. */
const LISTING_LIMIT = 256 * 1024 * 1024;

/**
 * All files in a folder of the repository, whatever their names.
 *
 * @throws Fault for every answer that is not the whole list: what is missing from it might be taken
 * for lost, or sent again, or pruned.
 */
export async function listFolder(
  http: Http,
  copy: string,
  folder: string,
): Promise<readonly ListedFile[]> {
  return (await findFolder(http, copy, folder)) ?? missing(http, copy, `GET ${folder}/`);
}

/** The same, with `undefined` for 404: never an empty list, and no proof of anything. */
export async function findFolder(
  http: Http,
  copy: string,
  folder: string,
): Promise<readonly ListedFile[] | undefined> {
  const at = { copy, place: http.place };
  const path = `${folder}/`;
  const answer = await http.request({
    method: "GET",
    path,
    headers: { accept: VERSION_2 },
    limit: LISTING_LIMIT,
  });
  if (answer.status === 404) return undefined;
  if (answer.status === 200 && !isWebPage(answer)) return parse(answer, at, `GET ${path}`);
  throw answerFault(answer, at, `GET ${path}`);
}

/**
 * rclone gives 404 for troubles of its own (rclone#7550), so a folder that is "not found" in a
 * repository that is there may be found in a moment. It is never an empty one.
 */
async function missing(http: Http, copy: string, doing: string): Promise<never> {
  const at = { copy, place: http.place };
  const config = await http.request({ method: "HEAD", path: "config", limit: 0 });
  if (config.status === 200 && !isWebPage(config))
    throw remoteFault("unsteady", at, `${doing}: 404, though the repository is there`);
  if (config.status === 404) throw remoteFault("no-place", at, `${doing}: 404`);
  throw answerFault(config, at, "HEAD config");
}

function parse({ body }: HttpAnswer, at: RemotePlace, doing: string): readonly ListedFile[] {
  let items: unknown;
  try {
    items = JSON.parse(body.toString("utf8"));
  } catch {
    // Without the parser's words: they repeat what it met.
    throw remoteFault("unsteady", at, `${doing}: a list that is not whole`);
  }
  if (!Array.isArray(items)) throw remoteFault("broken", at, `${doing}: not a list`);
  const files = new Map<string, ListedFile>();
  for (const item of items as unknown[]) {
    const file = fileOf(item);
    if (!file) throw remoteFault("broken", at, `${doing}: a list of something else`);
    // Some clouds hold two files of one name; with one size they may be the same, sent twice.
    const twin = files.get(file.name);
    if (twin && twin.size !== file.size)
      throw remoteFault("broken", at, `${doing}: two files of one name, ${file.name.slice(0, 80)}`);
    files.set(file.name, file);
  }
  return [...files.values()];
}

function fileOf(item: unknown): ListedFile | undefined {
  if (typeof item === "string") return { name: item, size: undefined };
  if (typeof item !== "object" || item === null) return undefined;
  if (!("name" in item) || typeof item.name !== "string") return undefined;
  if (!("size" in item) || typeof item.size !== "number") return undefined;
  if (!Number.isSafeInteger(item.size) || item.size < 0) return undefined;
  return { name: item.name, size: item.size };
}
