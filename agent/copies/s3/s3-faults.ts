import { errnoOf, Fault, reasonOf } from "../../base/fault.ts";
import { remoteFault, type RemotePlace, type RemoteTrouble } from "../remote-faults.ts";

/** What a service said when it refused. */
export interface Refusal {
  /** "NoSuchKey"; where the service gives none, the SDK's name of the error. */
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
}

/** Undefined for an error that is no answer of a service. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("$metadata" in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { httpStatusCode?: number };
  if (httpStatusCode === undefined) return undefined;
  return { code: error.name, status: httpStatusCode };
}

/** Says of an error of ask() that the object is not there, as far as the service tells. */
export function isMissing(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.status === 404 && MISSING.has(refusal.code);
}

/** "NotFound" is the SDK's word for a 404 without a body, as HEAD gets it. */
const MISSING: ReadonlySet<string> = new Set(["NoSuchKey", "NoSuchVersion", "NotFound"]);

/** An error of the SDK or of the connection as a Fault. A Fault stays what it is. */
export function s3Fault(error: unknown, place: RemotePlace): Fault {
  if (error instanceof Fault) return error;
  const refusal = refusalOf(error);
  const said = sayingOf(error, refusal);
  if (refusal?.code === "RequestTimeTooSkewed") return clockWrong(place, said, error);
  if (refusal?.code === "InvalidObjectState") return archived(place, said, error);
  if (refusal?.code === "PermanentRedirect" || refusal?.code === "AuthorizationHeaderMalformed")
    return remoteFault("broken", place, `${said} (region, endpoint?)`, error);
  return remoteFault(troubleOf(error, refusal), place, said, error);
}

function troubleOf(error: unknown, refusal: Refusal | undefined): RemoteTrouble {
  if (refusal) return CODES[refusal.code] ?? STATUSES[refusal.status] ?? ofClass(refusal.status);
  const errno = errnoOf(error) ?? "";
  if (CERTIFICATE.test(errno)) return "certificate";
  if (UNREACHABLE.has(errno)) return "unreachable";
  if (error instanceof Error && error.name === "CredentialsProviderError") return "denied";
  // Cut in the middle (ECONNRESET, EPIPE), or bytes that are no HTTP (HPE_…).
  if (/^(E[A-Z]+|HPE_\w+|ERR_STREAM_\w+)$/.test(errno)) return "unsteady";
  return "broken";
}

const CODES: Readonly<Record<string, RemoteTrouble>> = {
  AccessDenied: "denied",
  SignatureDoesNotMatch: "denied",
  InvalidAccessKeyId: "denied",
  InvalidToken: "denied",
  AllAccessDisabled: "denied",
  ExpiredToken: "expired",
  ExpiredTokenException: "expired",
  TokenRefreshRequired: "expired",
  NoSuchBucket: "no-place",
  QuotaExceeded: "full",
  ServiceQuotaExceeded: "full",
  XMinioStorageFull: "full",
  SlowDown: "unsteady",
  ServiceUnavailable: "unsteady",
  InternalError: "unsteady",
  RequestTimeout: "unsteady",
  OperationAborted: "unsteady",
  TemporaryRedirect: "unsteady", // a bucket of the last hours
  // What arrived is not what was sent: bytes were lost or changed on the way.
  BadDigest: "unsteady",
  IncompleteBody: "unsteady",
};

const STATUSES: Readonly<Record<number, RemoteTrouble>> = {
  401: "denied",
  403: "denied",
  408: "unsteady",
  429: "unsteady",
  507: "full",
};

function ofClass(status: number): RemoteTrouble {
  return status >= 500 ? "unsteady" : "broken";
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED/;

const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ETIMEDOUT",
]);

const MAX_SAID = 200;

function sayingOf(error: unknown, refusal: Refusal | undefined): string {
  const message = reasonOf(error) === "UnknownError" ? "" : reasonOf(error);
  const parts = refusal ? [`HTTP ${refusal.status}`, refusal.code, message] : [message];
  const line = parts
    .filter(Boolean)
    .join(" ")
    .replaceAll(/\p{C}+/gu, " ");
  // A session token is the only secret that is sent: no answer gets it into a log.
  return line.replaceAll(/[\w+/=%-]{100,}/g, "…").slice(0, MAX_SAID);
}

function clockWrong({ copy, place }: RemotePlace, said: string, cause: unknown): Fault {
  return new Fault("copy-refused", {
    what: {
      ja: `写し「${copy}」のサービスと、この機械の時計が大きくずれています（${place}: ${said}）`,
      en: `Copy "${copy}": the clock of this machine and that of the service are far apart (${place}: ${said})`,
    },
    next: {
      ja: "この機械の日付と時刻を合わせてください（timedatectl set-ntp true）。直るまで、期限の判断もあてになりません",
      en: "Set this machine's date and time right (timedatectl set-ntp true). Until then, what it says about age is unsure too",
    },
    cause,
  });
}

function archived({ copy, place }: RemotePlace, said: string, cause: unknown): Fault {
  return new Fault("copy-refused", {
    what: {
      ja: `写し「${copy}」のデータは書庫（GLACIER など）に移されていて、すぐには読めません（${place}: ${said}）`,
      en: `Copy "${copy}" holds objects that were moved to an archive such as GLACIER and cannot be read at once (${place}: ${said})`,
    },
    next: {
      ja: "サービスの管理画面で取り出しを頼み（数時間かかります）、書庫へ移すライフサイクル規則を外してください",
      en: "Ask for them in the service's console (it takes hours), and remove the lifecycle rule that archives them",
    },
    cause,
  });
}

/** The policy asks for Object Lock on a bucket that was made without. */
export function lockMissing({ copy, place }: RemotePlace, cause: unknown): Fault {
  return new Fault("copy-refused", {
    what: {
      ja: `写し「${copy}」のバケットは Object Lock なしで作られています（${place}）`,
      en: `Copy "${copy}" is in a bucket that was made without Object Lock (${place})`,
    },
    next: {
      ja: "Object Lock を有効にした新しいバケットを作って方針書に書くか、方針書の object-lock を外してください",
      en: "Make a new bucket with Object Lock and name it in the policy, or take object-lock out of the policy",
    },
    cause,
  });
}
