import { randomBytes } from "node:crypto";
import { systemClock } from "../../base/clock.ts";
import { MAX_NOTE_BYTES } from "../object-faults.ts";
import { checkPart, isObjectName, notePath, objectPath } from "../object-names.ts";
import { remoteFault } from "../remote-faults.ts";
import {
  CONFIG,
  type BytePart,
  type ListedKind,
  type ObjectRef,
  type Store,
  type StoredObject,
} from "../store.ts";
import { createS3Link, type S3Link } from "./client.ts";
import { listKeys } from "./listing.ts";
import { certainlyAbsent, headOf, readThrough, sizeOf } from "./objects.ts";
import { DAY_MS, type S3Options } from "./options.ts";
import { md5Of, Proof } from "./proof.ts";
import { lockMissing, refusalOf } from "./s3-faults.ts";
import { sweepProbes } from "./sweep.ts";

/** A copy in a bucket. Keys are the prefix and restic's own paths, so `restic -r s3:…` opens it. */
export function createS3Store(options: S3Options): Store {
  return new S3Store(options);
}

class S3Store implements Store {
  readonly #options: S3Options;
  readonly #link: S3Link;
  readonly #proof: Proof;
  /**
   * Paths whose last put here was not proved: what lies there may have the right length and the
   * wrong bytes, so the length is not enough.
   */
  readonly #doubted = new Set<string>();

  constructor(options: S3Options) {
    this.#options = options;
    this.#link = createS3Link(options);
    this.#proof = new Proof(this.#link, options.newTag ?? randomTag);
  }

  async *list(kind: ListedKind): AsyncGenerator<StoredObject> {
    let some = false;
    for await (const { path, size } of listKeys(this.#link, `${kind}/`)) {
      const name = path.split("/").at(-1) ?? "";
      if (!isObjectName(name) || path !== objectPath({ kind, name })) continue;
      some = true;
      yield { name, size };
    }
    // A vault gets its first key before its config, and is never without one after.
    if (kind === "keys" && !some && (await this.size(CONFIG)) !== undefined)
      throw remoteFault("broken", this.#link.where, "there is a config, and no key is listed");
  }

  async get(object: ObjectRef, part?: BytePart): Promise<Buffer | undefined> {
    if (part) checkPart(part);
    return await this.#read(objectPath(object), part && { part });
  }

  async readThrough(
    object: ObjectRef,
    take: (piece: Uint8Array) => void,
  ): Promise<number | undefined> {
    return await readThrough(this.#link, objectPath(object), take);
  }

  async size(object: ObjectRef): Promise<number | undefined> {
    return await sizeOf(this.#link, objectPath(object));
  }

  async put(
    object: ObjectRef,
    bytes: Uint8Array,
    options: { replace?: boolean } = {},
  ): Promise<void> {
    const path = objectPath(object);
    // Not only to save sending: where versions are kept, each PUT would pile up another one.
    if (options.replace !== true && (await this.#isThere(path, bytes))) return;
    // A config's name is no hash: one of the same length may be another vault's, and stays.
    if (object.kind !== "config") this.#doubted.add(path);
    await this.#put(path, bytes, object.kind);
    this.#doubted.delete(path);
  }

  /** A PUT that was answered is durable: S3 has no cache that a power cut empties. */
  async sync(): Promise<void> {}

  async remove(object: ObjectRef): Promise<void> {
    const path = objectPath(object);
    const head = await headOf(this.#link, path);
    if (head === undefined) return await certainlyAbsent(this.#link, path);
    // Where versions are kept the object is only hidden, and comes back by removing its marker.
    // Locks come and go by the thousand and protect nothing that is past: these go for good.
    const gone = object.kind === "locks" && (await this.#removeVersion(path, head.versionId));
    if (!gone) await this.#link.find((s3) => s3.deleteObject(this.#link.at(path)));
  }

  async readNote(name: string): Promise<Buffer | undefined> {
    return await this.#read(notePath(name), { limit: MAX_NOTE_BYTES });
  }

  async writeNote(name: string, bytes: Uint8Array): Promise<void> {
    await this.#put(notePath(name), bytes);
  }

  async sweep(): Promise<number> {
    return await sweepProbes(this.#link);
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  async #read(
    path: string,
    options?: { part?: BytePart; limit?: number },
  ): Promise<Buffer | undefined> {
    const pieces: Uint8Array[] = [];
    const size = await readThrough(this.#link, path, (piece) => pieces.push(piece), options);
    return size === undefined ? undefined : Buffer.concat(pieces);
  }

  async #isThere(path: string, bytes: Uint8Array): Promise<boolean> {
    if (this.#doubted.has(path)) return await this.#proof.proves(path, bytes, md5Of(bytes));
    const head = await headOf(this.#link, path);
    return head?.size === bytes.length;
  }

  /** Puts and proves. Without a kind it is a note: rewritten often, so outside Object Lock. */
  async #put(path: string, bytes: Uint8Array, kind?: ObjectRef["kind"]): Promise<void> {
    const { objectLock, classOf, clock = systemClock } = this.#options;
    const locked = objectLock && kind !== undefined && kind !== "locks";
    const storageClass = kind && classOf?.(kind);
    const md5 = md5Of(bytes);
    let versionId: string | undefined;
    try {
      const put = await this.#link.askRaw((s3) =>
        s3.putObject({
          ...this.#link.at(path),
          Body: bytes,
          ContentLength: bytes.length,
          ContentMD5: md5.toString("base64"),
          ...(storageClass && { StorageClass: storageClass }),
          ...(locked && {
            ObjectLockMode: objectLock.mode,
            ObjectLockRetainUntilDate: new Date(clock.now() + objectLock.days * DAY_MS),
          }),
        }),
      );
      versionId = put.VersionId;
    } catch (error) {
      const noLock = locked && refusalOf(error)?.code === "InvalidRequest";
      throw noLock ? lockMissing(this.#link.where, error) : this.#link.explain(error);
    }
    if (await this.#proof.proves(path, bytes, md5)) return;
    if (kind !== undefined) await this.#takeBack(path, versionId);
    throw remoteFault("untrue", this.#link.where, path);
  }

  /**
   * Takes away what our own PUT made and is not what was sent: the next run sees its length only,
   * and would believe it (notes are written anew each time). Where that fails too, the first trouble
   * is the one to tell.
   */
  async #takeBack(path: string, versionId: string | undefined): Promise<void> {
    try {
      if (await this.#removeVersion(path, versionId)) return;
      await this.#link.find((s3) => s3.deleteObject(this.#link.at(path)));
    } catch {
      this.#link.signal.throwIfAborted();
    }
  }

  /** Removes one version for good; false where there is none of that name or it may not be. */
  async #removeVersion(path: string, versionId: string | undefined): Promise<boolean> {
    if (versionId === undefined || versionId === "null") return false;
    try {
      const VersionId = versionId;
      await this.#link.askRaw((s3) => s3.deleteObject({ ...this.#link.at(path), VersionId }));
      return true;
    } catch (error) {
      const { status } = refusalOf(error) ?? {};
      if (status === 403 || status === 404 || status === 400 || status === 405) return false;
      throw this.#link.explain(error);
    }
  }
}

function randomTag(): string {
  return randomBytes(8).toString("hex");
}
