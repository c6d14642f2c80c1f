import { mkdir, readdir, realpath, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Fault, errnoOf } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";

/**
 * Makes the folder that a restore writes into, or takes one that is empty; its real path.
 * Throws Fault("target-not-empty"): a restore never overwrites (promise 8).
 *
 * @param forbidden folders that must not be written into: the source and the copies
 */
export async function prepareTarget(folder: string, forbidden: readonly string[]): Promise<string> {
  const path = resolve(folder);
  await refuseForbidden(path, forbidden);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const inside = await readdir(path);
    if (inside.length > 0) throw notEmpty(path);
    return await realpath(path);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw targetFault(path, error);
  }
}

/** Throws Fault("target-failed") for a place inside the source or a copy, links resolved. */
export async function refuseForbidden(path: string, forbidden: readonly string[]): Promise<void> {
  refuseInside(await realOf(path), await Promise.all(forbidden.map(realOf)));
}

/** Throws Fault("target-failed") where the free space is known and too small. Bytes. */
export async function needSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  const gib = (n: number): string => `${(n / 2 ** 30).toFixed(1)} GiB`;
  throw new Fault("target-failed", {
    what: {
      ja: `復元先の空きが足りません：必要 ${gib(bytes)}、空き ${gib(bavail * bsize)}`,
      en: `There is not enough space to restore: ${gib(bytes)} needed, ${gib(bavail * bsize)} free`,
    },
    next: {
      ja: "空きのあるディスクを --to に指定してください",
      en: "Name a disk with more space with --to",
    },
  });
}

export function targetFault(path: string, cause: unknown): Fault {
  return new Fault("target-failed", {
    what: {
      ja: `復元先 ${path} に書けません（${errnoOf(cause) ?? "EIO"}）`,
      en: `Cannot write to the target ${path} (${errnoOf(cause) ?? "EIO"})`,
    },
    next: {
      ja: "書き込める、空のフォルダーを --to に指定してください",
      en: "Name an empty folder that you may write to with --to",
    },
    cause,
  });
}

/** The real path of what exists of a path. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realOf(parent), basename(path));
  }
}

function refuseInside(path: string, forbidden: readonly string[]): void {
  const hit = forbidden.find((folder) => path === folder || path.startsWith(`${folder}/`));
  if (hit === undefined) return;
  const what: Words = {
    ja: `復元先 ${path} は、原本または写しのフォルダー ${hit} の中です`,
    en: `The target ${path} lies inside ${hit}, a source or a copy`,
  };
  throw new Fault("target-failed", {
    exit: 2,
    what,
    next: { ja: "別の場所を --to に指定してください", en: "Name another place with --to" },
  });
}

function notEmpty(path: string): Fault {
  return new Fault("target-not-empty", {
    exit: 2,
    what: {
      ja: `復元先 ${path} は空ではありません。復元は上書きをしません`,
      en: `The target ${path} is not empty; a restore never overwrites`,
    },
    next: {
      ja: "新しいフォルダーの名前を --to に指定してください",
      en: "Name a new folder with --to",
    },
  });
}
