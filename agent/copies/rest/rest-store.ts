import { randomBytes } from "node:crypto";
import { Fault } from "../../base/fault.ts";
import { checkPart, notePath, objectPath } from "../object-names.ts";
import { remoteFault } from "../remote-faults.ts";
import type { BytePart, ListedKind, ObjectRef, Store, StoredObject } from "../store.ts";
import { answerFault, isSuccess, isWebPage } from "./answers.ts";
import { RemoteFiles } from "./files.ts";
import { checksHashes, isProbe } from "./hash-check.ts";
import type { Http } from "./http.ts";
import type { Notes } from "./notes.ts";
import { Presence } from "./presence.ts";
import { findLie } from "./proof.ts";

export interface RestOptions {
  /** The copy's name in the policy, for messages. */
  readonly copy: string;
  readonly notes: Notes;
  /**
   * Whether the server compares what it takes in with the SHA-256 in its name, where that is known.
   * Without: found out by trying, once.
   */
  readonly serverChecks?: boolean;
  /** 32 new hex digits at each call, for the name of a probe. */
  readonly newTag?: () => string;
}

/**
 * A copy that is spoken to by restic's REST protocol: a restic REST server, or rclone serving
 * whatever it can reach.
 *
 * No status is believed: an object counts when its length and hash are proved, by the server where
 * it is shown to check hashes, else by reading it back.
 */
export function createRestStore(http: Http, options: RestOptions): Store {
  return new RestStore(http, options);
}

class RestStore implements Store {
  readonly #files: RemoteFiles;
  readonly #presence: Presence;
  readonly #notes: Notes;
  readonly #newTag: () => string;
  #serverChecks: Promise<boolean> | undefined;
  /** Puts under way by path: two of one name would write into each other. */
  readonly #puts = new Map<string, Promise<void>>();
  /** Paths that were sent and not proved since: there, a right length says nothing. */
  readonly #doubtful = new Set<string>();

  constructor(http: Http, { copy, notes, serverChecks, newTag = randomTag }: RestOptions) {
    this.#files = new RemoteFiles(http, copy);
    this.#presence = new Presence(this.#files);
    this.#notes = notes;
    if (serverChecks !== undefined) this.#serverChecks = Promise.resolve(serverChecks);
    this.#newTag = newTag;
  }

  async *list(kind: ListedKind): AsyncGenerator<StoredObject> {
    for (const object of await this.#presence.list(kind))
      if (kind !== "locks" || !isProbe(object.name)) yield object;
  }

  async get(object: ObjectRef, part?: BytePart): Promise<Buffer | undefined> {
    if (part) checkPart(part);
    const path = restPath(object);
    const bytes = await (part ? this.#files.readPart(path, part) : this.#files.read(path));
    return bytes ?? this.#absent(object);
  }

  async readThrough(
    object: ObjectRef,
    take: (piece: Uint8Array) => void,
  ): Promise<number | undefined> {
    const bytes = await this.get(object);
    if (bytes && bytes.length > 0) take(bytes);
    return bytes?.length;
  }

  async size(object: ObjectRef): Promise<number | undefined> {
    return (await this.#files.size(restPath(object))) ?? this.#absent(object);
  }

  async put(
    object: ObjectRef,
    bytes: Uint8Array,
    options: { replace?: boolean } = {},
  ): Promise<void> {
    const path = restPath(object);
    const before = this.#puts.get(path) ?? Promise.resolve();
    const work = before
      .catch(() => {})
      .then(() => this.#put(object, bytes, options.replace === true));
    this.#puts.set(path, work);
    try {
      await work;
    } finally {
      if (this.#puts.get(path) === work) this.#puts.delete(path);
    }
    if (object.kind !== "config") this.#presence.put(object.kind, object.name);
  }

  /** Nothing to do: the protocol has no such request; rest-server syncs before it answers a POST. */
  async sync(): Promise<void> {}

  async remove(object: ObjectRef): Promise<void> {
    await this.#files.remove(restPath(object));
    if (object.kind !== "config") this.#presence.removed(object.kind, object.name);
  }

  async readNote(name: string): Promise<Buffer | undefined> {
    notePath(name);
    return this.#notes.read(name);
  }

  async writeNote(name: string, bytes: Uint8Array): Promise<void> {
    notePath(name);
    await this.#notes.write(name, bytes);
  }

  /** Half-sent files are the server's own; ours is only the probe of a run that was killed. */
  async sweep(): Promise<number> {
    const locks = await this.#presence.list("locks");
    const probes = locks.filter(({ name }) => isProbe(name));
    for (const { name } of probes) await this.#files.remove(`locks/${name}`);
    return probes.length;
  }

  close(): Promise<void> {
    return this.#files.http.close();
  }

  async #put(object: ObjectRef, bytes: Uint8Array, replace: boolean): Promise<void> {
    const path = restPath(object);
    const there = await this.#files.size(path);
    if (there === bytes.length && !replace) {
      if (this.#doubtful.has(path)) await this.#prove(path, bytes, "bytes", "ours");
      return;
    }
    const checked = object.kind !== "config" && (await this.#checked());
    this.#doubtful.add(path);
    const whose = await this.#send(path, bytes, there !== undefined);
    await this.#prove(path, bytes, whose === "ours" && checked ? "length" : "bytes", whose);
  }

  /** @returns whose the object is that lies there now: one put at the same time by another counts. */
  async #send(path: string, bytes: Uint8Array, isThere: boolean): Promise<"ours" | "another's"> {
    const answer = await this.#files.send(path, bytes);
    if (isSuccess(answer) && !isWebPage(answer)) return "ours";
    const { at } = this.#files;
    if (answer.status === 400)
      throw remoteFault("unsteady", at, `POST ${path}: 400, it received something else`);
    // rest-server's way to say that an object is there already, and everyone's to say no.
    if (answer.status !== 403) throw answerFault(answer, at, `POST ${path}`);
    if (!isThere) {
      const size = await this.#files.size(path);
      if (size === bytes.length) return "another's";
      if (size === undefined) throw answerFault(answer, at, `POST ${path}`);
    }
    await this.#removeToReplace(path);
    const again = await this.#files.send(path, bytes);
    if (isSuccess(again) && !isWebPage(again)) return "ours";
    throw answerFault(again, at, `POST ${path}`);
  }

  /** The protocol can only remove and send again: between the two, the object is not there. */
  async #removeToReplace(path: string): Promise<void> {
    try {
      await this.#files.remove(path);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "copy-refused") throw error;
      const said = `${path} is there with other bytes, and this server lets nothing be replaced (append-only)`;
      throw remoteFault("denied", this.#files.at, said, error);
    }
  }

  async #prove(
    path: string,
    bytes: Uint8Array,
    by: "length" | "bytes",
    whose: "ours" | "another's",
  ): Promise<void> {
    const lie = await findLie(this.#files, path, bytes, by);
    if (lie === undefined) {
      this.#doubtful.delete(path);
      return;
    }
    if (whose === "ours") await this.#files.remove(path).catch(() => {});
    throw remoteFault("untrue", this.#files.at, lie);
  }

  /** Once per store: a server that does not check now will not begin to in this run. */
  #checked(): Promise<boolean> {
    this.#serverChecks ??= checksHashes(this.#files, this.#newTag()).catch((error: unknown) => {
      this.#serverChecks = undefined;
      throw error;
    });
    return this.#serverChecks;
  }

  /** Returns `undefined` when an object that was answered with 404 is certainly not there. */
  async #absent(object: ObjectRef): Promise<undefined> {
    if (object.kind !== "config") {
      await this.#presence.confirmAbsent(object.kind, object.name);
      return undefined;
    }
    // It is in no list; but that there are lists shows that the repository's place is there.
    await this.#presence.list("keys");
    if ((await this.#files.size("config")) === undefined) return undefined;
    throw remoteFault("unsteady", this.#files.at, "config: first 404, and then it is there");
  }
}

/** restic's URLs are flat: it is the server that makes `data/xx/`. */
function restPath(object: ObjectRef): string {
  objectPath(object); // throws RangeError for a name that cannot be
  return object.kind === "config" ? "config" : `${object.kind}/${object.name}`;
}

function randomTag(): string {
  return randomBytes(16).toString("hex");
}
