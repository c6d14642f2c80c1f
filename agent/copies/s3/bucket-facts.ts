import type { S3 } from "@aws-sdk/client-s3";
import { Fault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import * as say from "./bucket-words.ts";
import { createS3Link, type S3Link } from "./client.ts";
import { dropsHiddenVersions, harmfulRules } from "./lifecycle.ts";
import { lockFacts } from "./object-lock.ts";
import type { S3Options } from "./options.ts";
import { refusalOf } from "./s3-faults.ts";

/** One thing about a bucket that decides whether the copy is safe there. */
export interface BucketFact {
  readonly finding: "versioning" | "object-lock" | "lifecycle" | "public";
  /** "unknown": the credentials may not ask, or the service does not know the question. */
  readonly state: "well" | "bad" | "note" | "unknown";
  readonly detail: Words;
  /** What to do; where there is something to do. */
  readonly next?: Words;
}

/** For `mikura check`. Throws a Fault where the service cannot be asked at all now. */
export async function bucketFacts(options: S3Options): Promise<BucketFact[]> {
  const link = createS3Link(options);
  try {
    const facts = [
      await versioning(link, options.objectLock !== undefined),
      await objectLock(link, options.objectLock !== undefined),
      ...(await lifecycle(link)),
      await publicAccess(link),
    ];
    return facts.filter((fact) => fact !== undefined);
  } finally {
    link.close();
  }
}

async function versioning(link: S3Link, wanted: boolean): Promise<BucketFact> {
  const answer = await told(link, (s3) => s3.getBucketVersioning({ Bucket: link.bucket }));
  if (answer === DENIED || answer === NONE) return unknown("versioning");
  if (answer.Status === "Enabled")
    return { finding: "versioning", state: "well", detail: say.VERSIONS_KEPT };
  const state = wanted ? "bad" : "note";
  return { finding: "versioning", state, ...say.VERSIONS_NOT_KEPT };
}

async function objectLock(link: S3Link, wanted: boolean): Promise<BucketFact | undefined> {
  const answer = await told(link, () => lockFacts(link));
  const finding = "object-lock";
  if (answer === DENIED || answer === NONE) return wanted ? unknown(finding) : undefined;
  const { enabled, byDefault } = answer;
  if (!enabled) return wanted ? { finding, state: "bad", ...say.LOCK_MISSING } : undefined;
  if (byDefault) return { finding, state: "note", ...say.lockByDefault(byDefault) };
  return { finding, state: "well", detail: say.LOCK_ENABLED };
}

async function lifecycle(link: S3Link): Promise<BucketFact[]> {
  const { bucket: Bucket, prefix } = link;
  const answer = await told(link, (s3) => s3.getBucketLifecycleConfiguration({ Bucket }));
  const finding = "lifecycle";
  if (answer === DENIED) return [unknown(finding)];
  const rules = answer === NONE ? [] : (answer.Rules ?? []);
  const harms = harmfulRules(rules, prefix);
  if (harms.length > 0)
    return harms.map((harm) => ({ finding, state: "bad", ...say.harm(harm) }) as const);
  const kept = await told(link, (s3) => s3.getBucketVersioning({ Bucket }));
  const grows = typeof kept === "object" && kept.Status === "Enabled";
  if (grows && !dropsHiddenVersions(rules, prefix))
    return [{ finding, state: "note", ...say.HIDDEN_VERSIONS_STAY }];
  return [{ finding, state: "well", detail: say.NO_HARM }];
}

const EVERYBODY = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

async function publicAccess(link: S3Link): Promise<BucketFact> {
  const bucket = { Bucket: link.bucket };
  const block = await told(link, (s3) => s3.getPublicAccessBlock(bucket));
  const status = await told(link, (s3) => s3.getBucketPolicyStatus(bucket));
  const acl = await told(link, (s3) => s3.getBucketAcl(bucket));
  const shut = typeof block === "object" ? block.PublicAccessBlockConfiguration : undefined;
  const finding = "public";

  const grants = typeof acl === "object" ? (acl.Grants ?? []) : [];
  const byAcl = grants.some(({ Grantee }) => EVERYBODY.test(Grantee?.URI ?? ""));
  if (byAcl && shut?.IgnorePublicAcls !== true)
    return { finding, state: "bad", ...say.PUBLIC_BY_ACL };
  const byPolicy = typeof status === "object" && status.PolicyStatus?.IsPublic === true;
  if (byPolicy && shut?.RestrictPublicBuckets !== true)
    return { finding, state: "bad", ...say.PUBLIC_BY_POLICY };

  const aclKnown = acl !== DENIED || shut?.IgnorePublicAcls === true;
  const policyKnown = status !== DENIED || shut?.RestrictPublicBuckets === true;
  if (!aclKnown || !policyKnown) return unknown(finding);
  return { finding, state: "well", detail: say.NOT_PUBLIC };
}

function unknown(finding: BucketFact["finding"]): BucketFact {
  return { finding, state: "unknown", ...say.cannotBeTold(finding) };
}

const DENIED = "denied";
const NONE = "none";

/** How services say that a bucket has no such setting. */
const HAS_NONE: ReadonlySet<string> = new Set([
  "NoSuchBucketPolicy",
  "NoSuchLifecycleConfiguration",
  "NoSuchPublicAccessBlockConfiguration",
]);

/** What the service answers, or that it does not tell us. Passing trouble and a missing bucket are thrown. */
async function told<T>(
  link: S3Link,
  question: (s3: S3) => Promise<T>,
): Promise<T | typeof DENIED | typeof NONE> {
  try {
    return await link.askRaw(question);
  } catch (error) {
    const fault = link.explain(error);
    const { code = "", status = 0 } = refusalOf(fault instanceof Fault ? fault.cause : error) ?? {};
    if (HAS_NONE.has(code)) return NONE;
    if (DOES_NOT_TELL.has(code) || status === 501) return DENIED;
    throw fault;
  }
}

const DOES_NOT_TELL: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AllAccessDisabled",
  "Forbidden",
  "InvalidRequest",
  "MethodNotAllowed",
  "NotImplemented",
]);
