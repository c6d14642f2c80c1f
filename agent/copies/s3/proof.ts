import { createHash } from "node:crypto";
import type { S3Link } from "./client.ts";
import { headOf, readThrough } from "./objects.ts";
import { refusalOf } from "./s3-faults.ts";

/** Probe objects lie here; whoever holds the run lock may sweep it. */
export const PROBE_FOLDER = "mikura/probe/";

/** MD5 guards the way, nothing else: objects are named by their SHA-256. */
export function md5Of(bytes: Uint8Array): Buffer {
  return createHash("md5").update(bytes).digest();
}

/**
 * Tells whether what a service took in is what was sent. The status alone is worth nothing, and a
 * hash only where the service has shown, once in this run, that it refuses a wrong one.
 */
export class Proof {
  readonly #link: S3Link;
  readonly #newTag: () => string;
  #checking: Promise<boolean> | undefined;

  constructor(link: S3Link, newTag: () => string) {
    this.#link = link;
    this.#newTag = newTag;
  }

  /** Whether the very bytes are there. Throws a Fault where that cannot be told now. */
  async proves(path: string, bytes: Uint8Array, md5: Buffer): Promise<boolean> {
    const head = await headOf(this.#link, path);
    const same = head?.size === bytes.length && head.etag === md5.toString("hex");
    // An ETag need not be an MD5 (encryption by the service): another one proves nothing either way.
    if (same && (await this.checksMd5())) return true;
    // A read can be wrong as well: a difference counts when it is seen twice.
    return (await this.#holds(path, bytes)) || (await this.#holds(path, bytes));
  }

  /** Whether the service compares a body with its Content-MD5; asked once. */
  async checksMd5(): Promise<boolean> {
    this.#checking ??= this.#probe().catch((error: unknown) => {
      this.#checking = undefined; // a passing trouble is no answer
      throw error;
    });
    return await this.#checking;
  }

  async #probe(): Promise<boolean> {
    const link = this.#link;
    const path = `${PROBE_FOLDER}md5-${this.#newTag()}`;
    const body = Buffer.from("mikura asks whether this service checks Content-MD5\n");
    const ContentMD5 = md5Of(Buffer.from("something else")).toString("base64");
    try {
      await link.askRaw((s3) => s3.putObject({ ...link.at(path), Body: body, ContentMD5 }));
    } catch (error) {
      if (refusalOf(error)?.code === "BadDigest") return true;
      throw link.explain(error);
    }
    await link.find((s3) => s3.deleteObject(link.at(path)));
    return false;
  }

  async #holds(path: string, bytes: Uint8Array): Promise<boolean> {
    let at = 0;
    let same = true;
    const size = await readThrough(this.#link, path, (piece) => {
      same &&= Buffer.compare(piece, bytes.subarray(at, at + piece.length)) === 0;
      at += piece.length;
    });
    return same && size === bytes.length;
  }
}
