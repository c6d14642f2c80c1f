import { findPlaces } from "../../../copies/rclone/config-dump.ts";
import { openRclone } from "../../../copies/rclone/rclone-store.ts";
import { placeOf } from "../../../copies/local/place.ts";
import type { RcloneCopy } from "../../../policy/policy.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Driver, remoteOptions } from "./driver.ts";

export function rcloneDriver(copy: RcloneCopy, around: Surroundings): Driver {
  const { name, remote, config } = copy;
  const options = {
    ...remoteOptions(copy, around),
    remote,
    env: around.env,
    ...(config === undefined ? {} : { config }),
  };
  const { store, isUndeletable } = openRclone(options);
  return {
    store,
    prepare: async () => {}, // rclone makes folders when it puts something into them
    place: async () => {
      const ids: string[] = [];
      for (const place of await findPlaces(options)) {
        if (place.kind === "unknown") return undefined;
        ids.push(place.kind === "path" ? (await placeOf(place.path, name)).place : place.id);
      }
      // What is spread over several places is lost with the first of them.
      return ids.length === 1 ? ids[0] : undefined;
    },
    needsInternet: true,
    isUndeletable,
  };
}
