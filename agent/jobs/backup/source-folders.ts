import { realpath, stat } from "node:fs/promises";
import { Fault, errnoOf } from "../../base/fault.ts";
import { type RawName, rawCompare, rawFromBytes } from "../../base/raw-name.ts";
import type { Dataset } from "../../policy/policy.ts";

/** What is read for one snapshot. */
export interface Source {
  /** Absolute real paths, none inside another. */
  readonly folders: readonly RawName[];
  readonly exclude: readonly string[];
  /** Where the scan memory and the manifest files lie, absolute. */
  readonly scratch: string;
}

/**
 * The dataset's folders as they really lie, links resolved. Throws Fault("source-missing") where one
 * is not there: a snapshot without it would look like a company without ledgers.
 */
export async function sourceFolders(dataset: Dataset): Promise<RawName[]> {
  const real: RawName[] = [];
  for (const folder of dataset.folders) {
    try {
      const path = await realpath(Buffer.from(folder, "utf8"), { encoding: "buffer" });
      if (!(await stat(path)).isDirectory()) throw sourceFault(dataset, folder, "ENOTDIR");
      real.push(rawFromBytes(path));
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw sourceFault(dataset, folder, errnoOf(error) ?? "EIO", error);
    }
  }
  // Links may have brought one folder inside another: the outer one has it all.
  const sorted = [...new Set(real)].sort(rawCompare);
  return sorted.filter(
    (path) => !sorted.some((other) => other !== path && path.startsWith(`${other}/`)),
  );
}

function sourceFault(dataset: Dataset, folder: string, errno: string, cause?: unknown): Fault {
  const missing = errno === "ENOENT";
  return new Fault(missing ? "source-missing" : "source-unreadable", {
    what: {
      ja: `業務データ「${dataset.title}」のフォルダー ${folder} ${missing ? "がありません" : `を読めません（${errno}）`}。世代は作りませんでした`,
      en: `The folder ${folder} of dataset "${dataset.title}" ${missing ? "is not there" : `cannot be read (${errno})`}; no snapshot was taken`,
    },
    next: {
      ja: "ディスクや共有フォルダーがつながっているか、方針書の folders の綴りを確かめてください",
      en: "Check that the disk or share is connected, and the spelling under folders in the policy",
    },
    cause,
  });
}
