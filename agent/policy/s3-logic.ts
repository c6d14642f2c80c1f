import { readAddress } from "./addresses.ts";
import { awsBucketAdvice, awsRegionAdvice, bucketAdvice, regionAdvice } from "./bucket-names.ts";
import type { AtKey } from "./copy-logic.ts";
import type { Advice } from "./mistakes.ts";
import { isAws } from "./aws.ts";
import { textAt } from "./value-at.ts";

/** What in a copy of type s3 depends on whether it is at AWS, and on where the bucket is named. */
export function s3Findings(entry: Readonly<Record<string, unknown>>): AtKey[] {
  const [region, bucket, endpoint] = ["region", "bucket", "endpoint"].map((key) =>
    textAt(entry, [key]),
  );
  const pathStyle = entry["path-style"];
  const address = endpoint === undefined ? undefined : readAddress(endpoint);
  const found: AtKey[] = [];
  const add = (key: string, advice: Advice | undefined): void => {
    if (advice) found.push({ key, ...advice });
  };
  const aws = entry["endpoint"] === undefined || (address !== undefined && isAws(address.href));
  if (aws && region !== undefined && !regionAdvice(region)) add("region", awsRegionAdvice(region));
  if (bucket === undefined || bucketAdvice(bucket)) return found;
  if (aws) add("bucket", awsBucketAdvice(bucket));
  if (address?.hostname.startsWith(`${bucket.toLowerCase()}.`))
    add("endpoint", {
      what: {
        ja: "endpoint にバケットの名前まで入っています",
        en: "the endpoint holds the bucket's name, too",
      },
      fix: address.origin.replace(`${bucket.toLowerCase()}.`, ""),
    });
  if (pathStyle === false && bucket.includes(".") && address?.protocol !== "http:")
    add("path-style", {
      what: {
        ja: "名前に . のあるバケットは、ホスト名に入れると証明書が合いません",
        en: "no certificate fits a bucket with a dot in its name as part of the host's name",
      },
      fix: true,
    });
  return found;
}
