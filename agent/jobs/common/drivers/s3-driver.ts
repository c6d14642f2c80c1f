import { type BucketFact, bucketFacts } from "../../../copies/s3/bucket-facts.ts";
import { DAY_MS, DEFAULT_LOCK_MODE, type S3Options } from "../../../copies/s3/options.ts";
import { s3Place } from "../../../copies/s3/place.ts";
import { createS3Store } from "../../../copies/s3/s3-store.ts";
import { tryToDestroy } from "../../../copies/s3/undeletable.ts";
import type { S3Copy } from "../../../policy/policy.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Driver, type Finding, remoteOptions } from "./driver.ts";
import { readCertificates } from "./own-file.ts";

export async function s3Driver(copy: S3Copy, around: Surroundings): Promise<Driver> {
  const options = await optionsOf(copy, around);
  return {
    store: createS3Store(options),
    prepare: async () => {}, // a bucket has no folders; the bucket itself is the owner's to make
    place: async () => (await s3Place(options)).account,
    needsInternet: true,
    isUndeletable: async () =>
      (await tryToDestroy(options, around.random(8).toString("hex"))).proved,
    findings: async () => (await bucketFacts(options)).flatMap(findingOf),
  };
}

async function optionsOf(copy: S3Copy, around: Surroundings): Promise<S3Options> {
  const { endpoint, region, bucket, prefix, pathStyle, credentials, storageClass } = copy;
  const { objectLockS, caFile } = copy;
  return {
    ...remoteOptions(copy, around),
    region,
    bucket,
    prefix,
    pathStyle,
    credentials,
    env: around.env,
    clock: around.clock,
    newTag: () => around.random(8).toString("hex"),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(storageClass === undefined
      ? {}
      : { classOf: (kind) => (kind === "data" ? storageClass : undefined) }),
    ...(objectLockS === undefined
      ? {}
      : {
          objectLock: { mode: DEFAULT_LOCK_MODE, days: Math.ceil((objectLockS * 1000) / DAY_MS) },
        }),
    ...(caFile === undefined ? {} : { caPem: (await readCertificates(caFile)).toString("latin1") }),
  };
}

function findingOf({ state, detail, next }: BucketFact): Finding[] {
  return state === "well" ? [] : [{ state, what: detail, ...(next && { next }) }];
}
