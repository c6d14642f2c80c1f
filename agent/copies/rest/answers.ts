import { STATUS_CODES } from "node:http";
import type { Fault } from "../../base/fault.ts";
import { remoteFault, type RemotePlace, type RemoteTrouble } from "../remote-faults.ts";
import type { HttpAnswer } from "./http.ts";

/** Longest body of an answer that carries nothing of ours: an error's few words (bytes). */
export const WORDS_LIMIT: number = 64 * 1024;

export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** An answer other than the one that was asked for, as a Fault. `doing`: "HEAD data/0a1b…". */
export function answerFault(answer: HttpAnswer, at: RemotePlace, doing: string): Fault {
  if (isWebPage(answer))
    return remoteFault("broken", at, `${doing}: a web page instead of the repository`);
  const { status } = answer;
  // Its body is not repeated: a strange server may echo what was sent, the password too.
  const said = `${doing}: ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
  return remoteFault(isFull(answer) ? "full" : troubleOf(status), at, said);
}

/** A login page, the page of a hotel's network, or another site altogether. */
export function isWebPage({ headers }: HttpAnswer): boolean {
  return /^\s*text\/html\b/i.test(headers["content-type"] ?? "");
}

function isFull({ status, body }: HttpAnswer): boolean {
  if (status === 413 || status === 507) return true;
  const words = /\bquota|no space left|insufficient storage|maximum (repository )?size/i;
  return status >= 400 && words.test(body.subarray(0, 1000).toString("latin1"));
}

// What passes by itself: too many requests, a gateway without its server, a server starting up.
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

function troubleOf(status: number): RemoteTrouble {
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "no-place";
  return PASSING.has(status) ? "unsteady" : "broken";
}
