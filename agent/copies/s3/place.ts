import { createHash } from "node:crypto";
import type { S3 } from "@aws-sdk/client-s3";
import { createS3Link, type S3Link } from "./client.ts";
import type { S3Options } from "./options.ts";
import { Fault } from "../../base/fault.ts";

/** Where a copy really is (rule R1): two that share the account or the bucket stand and fall together. */
export interface S3Place {
  /** Service and account; a hash, so that no name of an account gets into a report. */
  readonly account: string;
  /** Service and bucket. */
  readonly bucket: string;
  /**
   * Who said who owns it. "key": the service did not tell, and the access key stands for the
   * account; two keys of one account then look like two.
   */
  readonly by: "bucket-owner" | "signer" | "key";
}

/** Throws a Fault where the service cannot be asked now. */
export async function s3Place(options: S3Options): Promise<S3Place> {
  const link = createS3Link(options);
  try {
    const service = serviceOf(options.endpoint);
    const { by, id } = await ownerOf(link);
    return { account: hashed(service, by, id), bucket: hashed(service, options.bucket), by };
  } finally {
    link.close();
  }
}

/** All regions of AWS share their accounts; elsewhere the host is the service. */
function serviceOf(endpoint: string | undefined): string {
  const host = endpoint === undefined ? "amazonaws.com" : new URL(endpoint).host.toLowerCase();
  return /(^|\.)amazonaws\.com(\.cn)?$/.exec(host)?.[0].replace(/^\./, "") ?? host;
}

async function ownerOf(link: S3Link): Promise<{ by: S3Place["by"]; id: string }> {
  const bucket = { Bucket: link.bucket };
  const acl = await told(link, (s3) => s3.getBucketAcl(bucket));
  if (acl?.Owner?.ID) return { by: "bucket-owner", id: acl.Owner.ID };
  const buckets = await told(link, (s3) => s3.listBuckets({}));
  if (buckets?.Owner?.ID) return { by: "signer", id: buckets.Owner.ID };
  const { accessKeyId } = await link.ask((s3) => s3.config.credentials());
  return { by: "key", id: accessKeyId };
}

/** Undefined where the service does not tell; passing trouble is thrown: the answer must not waver. */
async function told<T>(link: S3Link, question: (s3: S3) => Promise<T>): Promise<T | undefined> {
  try {
    return await link.askRaw(question);
  } catch (error) {
    const reason = link.explain(error);
    if (reason instanceof Fault && !reason.transient) return undefined;
    throw reason;
  }
}

function hashed(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);
}
