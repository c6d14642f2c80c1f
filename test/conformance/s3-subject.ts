import { S3 } from "@aws-sdk/client-s3";
import type { S3Options } from "../../agent/copies/s3/options.ts";
import { createS3Store } from "../../agent/copies/s3/s3-store.ts";
import type { Ceph } from "../ceph/ceph.ts";
import type { Subject } from "./store-suite.ts";

/** What a test itself asks the service with, beside the driver. */
export function plainClient({ endpoint, region, accessKeyId, secretAccessKey }: Ceph): S3 {
  const credentials = { accessKeyId, secretAccessKey };
  return new S3({ endpoint, region, forcePathStyle: true, maxAttempts: 3, credentials });
}

/** Options of a copy there, as a policy would give them. */
export function optionsOn(ceph: Ceph, bucket: string, prefix: string): S3Options {
  return {
    copy: "cloud",
    signal: new AbortController().signal,
    endpoint: ceph.endpoint,
    region: ceph.region,
    bucket,
    prefix,
    credentials: "env",
    env: { AWS_ACCESS_KEY_ID: ceph.accessKeyId, AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey },
  };
}

/** A store on a prefix of its own in the bucket. */
export function s3Subject(s3: S3, options: S3Options): Subject {
  const { bucket, prefix } = options;
  const key = (path: string): { Bucket: string; Key: string } => ({
    Bucket: bucket,
    Key: prefix === "" ? path : `${prefix}/${path}`,
  });
  return {
    store: createS3Store(options),
    reopen: async () => createS3Store(options),
    plant: async (path, bytes) => {
      await s3.putObject({ ...key(path), Body: bytes });
    },
    leaveLitter: async () => {
      for (const name of ["md5-0123456789abcdef", "md5-fedcba9876543210"])
        await s3.putObject({ ...key(`mikura/probe/${name}`), Body: "a killed run's" });
      return 2;
    },
    // All of it is in Ceph's memory, which goes with Ceph.
    dispose: async () => {},
  };
}
