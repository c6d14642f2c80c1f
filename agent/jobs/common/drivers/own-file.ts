import { readFile, stat } from "node:fs/promises";
import { Fault, errnoOf } from "../../../base/fault.ts";

/** A password in a file that only its user may read; a line end after it does not count. */
export async function readPasswordFile(path: string): Promise<string> {
  const [text, { mode }] = await read(path, async () => [
    await readFile(path, "utf8"),
    await stat(path),
  ]);
  if ((mode & 0o077) === 0) return text.replace(/[\r\n]+$/, "");
  throw new Fault("key-unsafe", {
    exit: 2,
    what: {
      ja: `合言葉のファイル ${path} をほかの利用者が読めます`,
      en: `The password file ${path} can be read by other users`,
    },
    next: { ja: `chmod 600 ${path} を実行してください`, en: `Run: chmod 600 ${path}` },
  });
}

/** Certificates (PEM) that a server's is checked with. */
export async function readCertificates(path: string): Promise<Buffer> {
  return await read(path, () => readFile(path));
}

async function read<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Fault("key-missing", {
      exit: errnoOf(cause) === "ENOENT" ? 2 : 1,
      what: {
        ja: `方針書が示すファイル ${path} がない、または読めません`,
        en: `The file ${path}, which the policy names, is missing or cannot be read`,
      },
      next: {
        ja: "方針書の password-file や ca-file が正しいかを確かめてください",
        en: "Check password-file and ca-file in the policy",
      },
      cause,
    });
  }
}
