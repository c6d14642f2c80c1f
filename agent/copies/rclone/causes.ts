import type { RemoteTrouble } from "../remote-faults.ts";

/** First match counts: a service's word for "too often" may also speak of a quota or answer 403. */
const SIGNS: readonly (readonly [RemoteTrouble, RegExp])[] = [
  [
    "expired",
    /invalid_grant|token (?:has )?expired|expired.?token|cannot fetch token|couldn't fetch token|token has been revoked|empty token found|invalid_client|refresh token|config reconnect/i,
  ],
  [
    "unsteady",
    /rate.?limit|too many requests|queries per|slow ?down|\b429\b|\b503\b|service unavailable|internal error|try again/i,
  ],
  [
    "no-place",
    /didn't find section in config file|not found in config|couldn't find type for|didn't find backend|no such bucket|bucket (?:does not exist|not found)|NoSuchBucket|team drive not found/i,
  ],
  ["broken", /is a directory|not a (?:regular )?file|can't follow symlink/i],
  [
    "full",
    /no space left|remaining disk space|disk quota|quota|insufficient|not enough space|storage.?full|\b507\b|over.?limit/i,
  ],
  ["certificate", /x509|certificate|knownhosts|known_hosts|host key mismatch|key mismatch/i],
  [
    "denied",
    /permission|access.?denied|forbidden|unauthori[sz]ed|unauthenticated|read-only|operation not permitted|unable to authenticate|invalid credentials|invalid.?access.?key|SignatureDoesNotMatch|decrypt|\b40[13]\b/i,
  ],
  [
    "unreachable",
    /connection|connect:|\bdial\b|lookup|no such host|network is|no route|timeout|timed out|\bEOF\b|broken pipe|unreachable/i,
  ],
];

/** What a line of rclone's log says went wrong; `undefined` where it says nothing known. */
export function troubleOf(text: string): RemoteTrouble | undefined {
  return SIGNS.find(([, sign]) => sign.test(text))?.[0];
}

/** How rclone's backends say that an object is not there, and mean it. */
export function saysNotThere(text: string): boolean {
  return /(?:^|: )object not found$/.test(text);
}

/** How rclone's walk says that the folder it was told to list does not exist. */
export function saysNoFolder(text: string): boolean {
  return /(?:^|: )directory not found$/.test(text);
}

/** What failed is a request for one object, whatever else is going on. */
export function saysOfOneObject(text: string): boolean {
  return /^(?:(?:post|delete|get|head) request|didn't finish writing get request)/i.test(text);
}
