import { createLocalStore } from "../../../copies/local/local-store.ts";
import { placeOf } from "../../../copies/local/place.ts";
import { prepareLocal } from "../../../copies/local/prepare.ts";
import { Fault } from "../../../base/fault.ts";
import type { LocalCopy } from "../../../policy/policy.ts";
import type { Driver } from "./driver.ts";

/** @throws Fault not-available for several disks that take turns: no job can do that yet. */
export function localDriver({ name, paths }: LocalCopy): Driver {
  if (paths.length > 1) throw severalDisks(name);
  const [folder] = paths;
  return {
    store: createLocalStore({ copy: name, root: folder }),
    folder,
    prepare: () => prepareLocal({ copy: name, root: folder, makeRoot: true }),
    place: async () => (await placeOf(folder, name)).place,
    needsInternet: false, // with no more than its disk or the local network
  };
}

function severalDisks(name: string): Fault {
  return new Fault("not-available", {
    what: {
      ja: `写し「${name}」：順番に使う複数のディスク（disks）は、この版ではまだ使えません`,
      en: `Copy "${name}": several disks that take turns (disks) are not available in this version`,
    },
    next: {
      ja: "path に 1 つのフォルダーを書いてください",
      en: "Give one folder as path",
    },
  });
}
