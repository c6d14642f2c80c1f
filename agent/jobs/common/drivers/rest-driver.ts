import { openRest } from "../../../copies/rest/rest.ts";
import type { RestCopy } from "../../../policy/policy.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Driver, remoteOptions } from "./driver.ts";
import { readCertificates, readPasswordFile } from "./own-file.ts";

export async function restDriver(copy: RestCopy, around: Surroundings): Promise<Driver> {
  const { url, login, caFile } = copy;
  const { store, prepare, isUndeletable } = openRest({
    ...remoteOptions(copy, around),
    url,
    ...(login && { user: login.user, password: await readPasswordFile(login.passwordFile) }),
    ...(caFile === undefined ? {} : { ca: await readCertificates(caFile) }),
  });
  return {
    store,
    prepare,
    // One machine, whatever the port and the repository.
    place: async () => `host:${new URL(url).hostname}`,
    needsInternet: true,
    isUndeletable: async () => (await isUndeletable()).result === "proved",
  };
}
