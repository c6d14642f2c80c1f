import { isObjectName } from "../object-names.ts";
import { MAX_NOTE_BYTES, objectTooLarge } from "../object-faults.ts";
import { remoteFault } from "../remote-faults.ts";
import { answerFault, isSuccess, isWebPage } from "./answers.ts";
import type { RemoteFiles } from "./files.ts";
import { findHome, haveHome, type Home, type HomeFolder, type Homes } from "./homes.ts";
import type { Http } from "./http.ts";
import { listFolder } from "./listing.ts";
import {
  documentName,
  MAX_DOCUMENT_BYTES,
  type NoteDocument,
  readDocument,
  writeDocument,
} from "./note-document.ts";
import type { Notes } from "./notes.ts";
import { findLie } from "./proof.ts";

export interface NestedNotesOptions {
  readonly copy: string;
  /** The vault's repository: that it is there shows that notes would be, too. */
  readonly vault: Http;
  readonly homes: Homes;
}

/**
 * Notes as files named by their SHA-256 in a small repository of our own: rest-server takes no
 * others, and replaces none. The highest version of a note is valid.
 *
 * A note's first version lies in `keys/`, which an append-only server keeps for ever; the later ones
 * in `locks/`, the one folder from which it removes, so that a heartbeat does not grow into
 * thousands of files. Nothing is lost by that: who may write a newer version can replace a note
 * anyway, and should somebody clear `locks/`, the first version, the identity, is still there.
 */
export function createNestedNotes(options: NestedNotesOptions): Notes {
  return new NestedNotes(options);
}

interface Stored {
  readonly folder: HomeFolder;
  readonly name: string;
  /** Undefined: not ours. */
  readonly document: NoteDocument | undefined;
}

class NestedNotes implements Notes {
  readonly #copy: string;
  readonly #vault: Http;
  readonly #homes: Homes;
  /** What was read once, by name: it cannot change. Holds what is listed, no more. */
  #read = new Map<string, NoteDocument | undefined>();
  /** Writes go one by one, or two would take the same version. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor({ copy, vault, homes }: NestedNotesOptions) {
    this.#copy = copy;
    this.#vault = vault;
    this.#homes = homes;
  }

  async read(name: string): Promise<Buffer | undefined> {
    const home = await findHome(this.#homes, this.#copy);
    if (!home) {
      await listFolder(this.#vault, this.#copy, "keys");
      return undefined;
    }
    const newest = newestFirst(await this.#stored(home), name)[0]?.document;
    if (newest && newest.bytes.length > MAX_NOTE_BYTES)
      throw objectTooLarge({
        copy: this.#copy,
        object: `mikura/${name}`,
        size: newest.bytes.length,
        wanted: MAX_NOTE_BYTES,
      });
    return newest && Buffer.from(newest.bytes);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const held = Buffer.from(bytes);
    const work = this.#writing.catch(() => {}).then(() => this.#write(name, held));
    this.#writing = work;
    await work;
  }

  async #write(note: string, bytes: Buffer): Promise<void> {
    const home = await haveHome(this.#homes, this.#copy);
    const older = newestFirst(await this.#stored(home), note);
    const version = (older[0]?.document?.version ?? 0) + 1;
    const text = writeDocument({ note, version, bytes });
    await send(home.files, `${version === 1 ? "keys" : "locks"}/${documentName(text)}`, text);
    // It is written: that an older one stays, for whatever reason, does no harm.
    for (const { folder, name } of older)
      if (folder === "locks") await home.files.remove(`${folder}/${name}`).catch(() => {});
  }

  async #stored(home: Home): Promise<readonly Stored[]> {
    const before = this.#read;
    this.#read = new Map();
    const stored: Stored[] = [];
    for (const folder of ["keys", "locks"] as const)
      for (const { name, size } of home[folder]) {
        if (!isObjectName(name)) continue;
        const path = `${folder}/${name}`;
        const document = before.has(name)
          ? before.get(name)
          : await this.#document(home.files, path, name, size);
        this.#read.set(name, document);
        stored.push({ folder, name, document });
      }
    return stored;
  }

  /** @throws Fault where it cannot be had: it might be the newest version of the note in question. */
  async #document(
    files: RemoteFiles,
    path: string,
    name: string,
    size: number | undefined,
  ): Promise<NoteDocument | undefined> {
    if (size !== undefined && size > MAX_DOCUMENT_BYTES)
      throw objectTooLarge({ copy: this.#copy, object: path, size, wanted: MAX_DOCUMENT_BYTES });
    for (let look = 0; look < 2; look++) {
      const text = await files.read(path, MAX_DOCUMENT_BYTES);
      if (!text)
        throw remoteFault("unsteady", files.at, `${path}: 404, and yet the server lists it`);
      if (documentName(text) === name) return readDocument(text);
    }
    throw remoteFault("untrue", files.at, `${path} is not what its name says`);
  }
}

function newestFirst(stored: readonly Stored[], note: string): readonly Stored[] {
  const version = ({ document }: Stored): number => document?.version ?? 0;
  return stored
    .filter(({ document }) => document?.note === note)
    .toSorted((a, b) => version(b) - version(a) || (a.name < b.name ? 1 : -1));
}

async function send(files: RemoteFiles, path: string, text: Buffer): Promise<void> {
  const answer = await files.send(path, text);
  // 403: there already, of a run that was cut off. The proof decides.
  const mayBeThere = answer.status === 403 || (isSuccess(answer) && !isWebPage(answer));
  if (!mayBeThere) throw answerFault(answer, files.at, `POST ${path}`);
  const lie = await findLie(files, path, text, "bytes");
  if (lie === undefined) return;
  if (answer.status === 403) throw answerFault(answer, files.at, `POST ${path}`);
  await files.remove(path).catch(() => {});
  throw remoteFault("untrue", files.at, lie);
}
