import { Fault } from "../../base/fault.ts";
import { MAX_READ_BYTES, objectTooLarge, objectTooShort } from "../object-faults.ts";
import { remoteFault, type RemotePlace } from "../remote-faults.ts";
import type { BytePart } from "../store.ts";
import { answerFault, isSuccess, isWebPage, WORDS_LIMIT } from "./answers.ts";
import type { Http, HttpAnswer } from "./http.ts";

/**
 * Files on the server by their paths below the repository, as the server tells it: nothing is
 * hashed here, and `undefined` is a 404, not yet a proof that the file is not there.
 */
export class RemoteFiles {
  readonly http: Http;
  readonly at: RemotePlace;

  constructor(http: Http, copy: string) {
    this.http = http;
    this.at = { copy, place: http.place };
  }

  /** Bytes. */
  async size(path: string): Promise<number | undefined> {
    const answer = await this.http.request({ method: "HEAD", path, limit: 0 });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200 || isWebPage(answer)) throw this.#fault(answer, `HEAD ${path}`);
    const length = answer.headers["content-length"];
    if (length !== undefined && /^\d{1,15}$/.test(length)) return Number(length);
    return (await this.read(path))?.length;
  }

  async read(path: string, limit: number = MAX_READ_BYTES): Promise<Buffer | undefined> {
    let answer: HttpAnswer;
    try {
      answer = await this.http.request({ method: "GET", path, limit });
    } catch (error) {
      throw (await this.#tooLarge(path, limit, error)) ?? error;
    }
    if (answer.status === 404) return undefined;
    if (answer.status === 200 && !isWebPage(answer)) return answer.body;
    throw this.#fault(answer, `GET ${path}`);
  }

  /** @throws Fault object-damaged for a part that reaches beyond the end. */
  async readPart(path: string, { offset, length }: BytePart): Promise<Buffer | undefined> {
    const end = offset + length;
    const short = (size: number): Fault =>
      objectTooShort({ copy: this.at.copy, object: path, size, wanted: end });
    if (length === 0) {
      // No range can say it.
      const size = await this.size(path);
      if (size !== undefined && size < end) throw short(size);
      return size === undefined ? undefined : Buffer.alloc(0);
    }
    if (length > MAX_READ_BYTES)
      throw objectTooLarge({
        copy: this.at.copy,
        object: path,
        size: length,
        wanted: MAX_READ_BYTES,
      });
    const answer = await this.http.request({
      method: "GET",
      path,
      headers: { range: `bytes=${offset}-${end - 1}` },
      limit: MAX_READ_BYTES, // a server that knows no ranges sends the whole
    });
    const { status, body } = answer;
    if (status === 404) return undefined;
    const doing = `GET ${path}, bytes ${offset} to ${end - 1}`;
    if (isWebPage(answer)) throw this.#fault(answer, doing);
    if (status === 200) {
      if (body.length < end) throw short(body.length);
      return Buffer.from(body.subarray(offset, end));
    }
    if (status !== 206 && status !== 416) throw this.#fault(answer, doing);

    // rclone answers 206 "bytes 7-4/5" for what begins beyond the end.
    const range = /^bytes (?:\*|\d+-(-?\d+))\/(\d+)$/.exec(answer.headers["content-range"] ?? "");
    const total = range ? Number(range[2]) : await this.size(path);
    if (total !== undefined && total < end) throw short(total);
    const exact = status === 206 && body.length === length && Number(range?.[1]) === end - 1;
    if (exact) return body;
    throw remoteFault("broken", this.at, `${doing}: ${status} with another part`);
  }

  /** Nothing is proved by it. */
  async send(path: string, body: Uint8Array): Promise<HttpAnswer> {
    return this.http.request({
      method: "POST",
      path,
      headers: { "content-type": "application/octet-stream" },
      body,
      limit: WORDS_LIMIT,
    });
  }

  /** 404 counts as removed. */
  async remove(path: string): Promise<void> {
    const answer = await this.http.request({ method: "DELETE", path, limit: WORDS_LIMIT });
    if (answer.status === 404 || (isSuccess(answer) && !isWebPage(answer))) return;
    const doing = `DELETE ${path}`;
    // What a server says that knows no removing at all.
    if (answer.status === 405) throw remoteFault("denied", this.at, `${doing}: 405`);
    throw this.#fault(answer, doing);
  }

  #fault(answer: HttpAnswer, doing: string): Fault {
    return answerFault(answer, this.at, doing);
  }

  /** Whether an answer was cut off because the file is larger than allowed. */
  async #tooLarge(path: string, limit: number, error: unknown): Promise<Fault | undefined> {
    if (!(error instanceof Fault) || error.code !== "copy-failed" || error.transient)
      return undefined;
    const size = await this.size(path).catch(() => undefined);
    if (size === undefined || size <= limit) return undefined;
    return objectTooLarge({ copy: this.at.copy, object: path, size, wanted: limit });
  }
}
