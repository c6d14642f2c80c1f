import { randomBytes } from "node:crypto";
import { Fault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import { remoteFault } from "../remote-faults.ts";
import { answerFault, isSuccess, isWebPage } from "./answers.ts";
import { haveHome, type Homes } from "./homes.ts";
import { documentName } from "./note-document.ts";
import { findLie } from "./proof.ts";

/** What came of trying to delete with the agent's own credentials (rule R5). */
export interface Undeletable {
  readonly result: "proved" | "no";
  readonly why: Words;
}

/** Always the same: where it cannot be deleted, one stays, and not one for each trial. */
const PROBE = Buffer.from(
  "mikura: a file that is deleted for a trial; where this works, copies here can be deleted\n",
  "utf8",
);

/**
 * Tries to delete and to overwrite a probe under `snapshots/` of our own small repository, never
 * the vault's. Servers that forbid deleting do it by the kind of object, in all repositories.
 *
 * @throws Fault where the trial could not be made: then nothing is known.
 */
export async function isUndeletable(homes: Homes, copy: string): Promise<Undeletable> {
  const { files } = await haveHome(homes, copy);
  const path = `snapshots/${documentName(PROBE)}`;
  if (await findLie(files, path, PROBE, "bytes")) {
    const answer = await files.send(path, PROBE);
    if (!isSuccess(answer) || isWebPage(answer))
      throw answerFault(answer, files.at, `POST ${path}`);
    const lie = await findLie(files, path, PROBE, "bytes");
    if (lie !== undefined) throw remoteFault("untrue", files.at, lie);
  }

  const refused = await isRefused(() => files.remove(path));
  if (await findLie(files, path, PROBE, "bytes")) return CAN_DELETE;
  // It said yes and did nothing: that is a defect, or a bin from which it can be emptied.
  if (!refused) return SAYS_DELETED;

  await files.send(path, randomBytes(PROBE.length));
  if (await findLie(files, path, PROBE, "bytes")) {
    await files.send(path, PROBE);
    return CAN_OVERWRITE;
  }
  return PROVED;
}

async function isRefused(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove();
    return false;
  } catch (error) {
    if (error instanceof Fault && error.code === "copy-refused") return true;
    throw error;
  }
}

const PROVED: Undeletable = {
  result: "proved",
  why: {
    ja: "この認証情報で試しに消そう、書き換えようとして、サーバーに断られました",
    en: "A trial to delete and to overwrite with these credentials was refused by the server",
  },
};

const CAN_DELETE: Undeletable = {
  result: "no",
  why: {
    ja: "この認証情報で、試しに置いたファイルを消せました。サーバーを --append-only で動かしてください",
    en: "These credentials deleted a probe file. Run the server with --append-only",
  },
};

const CAN_OVERWRITE: Undeletable = {
  result: "no",
  why: {
    ja: "消すことは断られましたが、この認証情報で、試しに置いたファイルを書き換えられました",
    en: "Deleting was refused, but these credentials could overwrite a probe file",
  },
};

const SAYS_DELETED: Undeletable = {
  result: "no",
  why: {
    ja: "消したと答えながら、ファイルが残っています。サーバーの答えが信用できないため、消せないとは言えません",
    en: "The server said it had deleted a probe file, and it is still there: its word proves nothing",
  },
};
