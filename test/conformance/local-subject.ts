import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Disk } from "../../agent/copies/local/disk.ts";
import { prepareLocal } from "../../agent/copies/local/prepare.ts";
import { createLocalStore } from "../../agent/copies/local/local-store.ts";
import type { Subject } from "./store-suite.ts";

export interface LocalSubject extends Subject {
  readonly root: string;
}

/** A prepared copy in a new temporary folder. */
export async function localSubject(disk?: Disk): Promise<LocalSubject> {
  const base = await mkdtemp(join(tmpdir(), "mikura-local-"));
  const root = join(base, "写し", "copy");
  await prepareLocal({ copy: "test", root, makeRoot: true });
  return {
    root,
    store: createLocalStore({ copy: "test", root, ...(disk && { disk }) }),
    reopen: async () => createLocalStore({ copy: "test", root }),
    plant: async (path, bytes) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), bytes);
    },
    leaveLitter: async () => {
      const folder = join(root, "mikura", "tmp");
      const tag = "0123456789abcdef";
      const ours = [`${"b".repeat(64)}-${tag}`, `config-${tag}`, `copy.json-${tag}`];
      for (const name of ours) await writeFile(join(folder, name), "half");
      await writeFile(join(folder, "somebody's file"), "not ours");
      await mkdir(join(folder, `folder-${tag}`), { recursive: true });
      return ours.length;
    },
    dispose: () => rm(base, { recursive: true, force: true }),
  };
}
