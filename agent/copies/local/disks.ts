import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf } from "../../base/fault.ts";

/**
 * The physical disks under a block device ("8:1" → ["8:0"]), in order: the disk of a partition,
 * and what lies under an encrypted, joined or mirrored device. `undefined` where sysfs knows none.
 */
export async function disksOf(sys: string, device: string): Promise<string[] | undefined> {
  if (!/^\d+:\d+$/.test(device)) return undefined;
  const folder = await found(realpath(join(sys, "dev", "block", device)));
  if (folder === undefined) return undefined;

  const disk = await found(readFile(join(folder, "partition"))).then((partition) =>
    partition ? dirname(folder) : folder,
  );
  const slaves = (await found(readdir(join(disk, "slaves")))) ?? [];
  if (slaves.length === 0) return [await numberOf(disk)];

  const under = new Set<string>();
  for (const slave of slaves) {
    const number = await numberOf(join(disk, "slaves", slave));
    for (const one of (await disksOf(sys, number)) ?? [number]) under.add(one);
  }
  return [...under].sort();
}

async function numberOf(folder: string): Promise<string> {
  return (await readFile(join(folder, "dev"), "utf8")).trim();
}

async function found<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
