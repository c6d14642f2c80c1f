/** The document that answers a question (an expression), by the word in the query that asks it. */
const ROOTS: Readonly<Record<string, string>> = {
  "list-type": "ListBucketResult",
  versions: "ListVersionsResult",
  versioning: "VersioningConfiguration",
  "object-lock": "ObjectLockConfiguration",
  lifecycle: "LifecycleConfiguration",
  policyStatus: "PolicyStatus",
  publicAccessBlock: "(?:Block)?PublicAccessBlockConfiguration", // Ceph 16 has the longer word
  acl: "AccessControlPolicy",
  retention: "Retention",
};

/**
 * What is wrong with the body of a good answer to a GET. The SDK reads a page that was cut off or
 * is something else (a proxy's log-in page) as one with nothing in it: an empty listing.
 */
export function flawOf(
  query: Readonly<Record<string, unknown>>,
  body: Buffer,
): "cut" | "foreign" | undefined {
  const asked = Object.keys(ROOTS).find((word) => word in query);
  const root = asked === undefined ? undefined : ROOTS[asked];
  if (root === undefined) return undefined;
  const text = body.toString("utf8").trim();
  const start = new RegExp(`^${PROLOGUE}<(${root})(?:\\s[^>]*)?(/?)>`).exec(text);
  if (!start) return UNFINISHED.test(text) ? "cut" : "foreign";
  const [opening, name, empty] = start;
  const whole = empty === "/" ? opening.length === text.length : text.endsWith(`</${name}>`);
  return whole ? undefined : "cut";
}

const PROLOGUE = "\\uFEFF?(?:<\\?xml[^>]*>)?\\s*";

/** Ends before its first element does, or is an error that came with a good status: passing trouble. */
const UNFINISHED = new RegExp(`^${PROLOGUE}(?:<[^>]*|<Error>.*)?$`, "s");
