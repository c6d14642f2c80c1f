import { errnoOf, Fault, reasonOf } from "../../base/fault.ts";
import { remoteFault, type RemotePlace, type RemoteTrouble } from "../remote-faults.ts";

/** What came of a connection that failed, as a Fault without secrets. */
export function connectionFault(error: unknown, at: RemotePlace): Fault {
  if (error instanceof Fault) return error;
  const code = errnoOf(error) ?? "";
  const trouble = troubleOf(code);
  // A parser's error carries the bytes that it met, a socket's only names and numbers.
  const cause = code.startsWith("HPE_") ? undefined : error;
  return remoteFault(trouble, at, said(trouble, code, error), cause);
}

/** Nobody there, or no way to get there: nothing was sent. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EACCES", // a firewall of this machine
  "EPERM",
  "ETIMEDOUT",
]);

// OpenSSL's verdicts on a certificate (X509_V_ERR_…) that do not begin with CERT_ or CRL_.
const CERTIFICATE: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "HOSTNAME_MISMATCH",
]);

/** The other side speaks, but no TLS: most likely http: was meant, or another port. */
const NO_TLS: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_HTTP_REQUEST",
  "EPROTO",
]);

/** Bytes changed on the way after the handshake. */
const GARBLED: ReadonlySet<string> = new Set([
  "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
  "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC",
  "ERR_SSL_UNEXPECTED_EOF_WHILE_READING",
]);

function troubleOf(code: string): RemoteTrouble {
  if (UNREACHABLE.has(code)) return "unreachable";
  if (GARBLED.has(code)) return "unsteady";
  if (NO_TLS.has(code)) return "broken";
  if (CERTIFICATE.has(code) || /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|ERR_OSSL_)/.test(code))
    return "certificate";
  // Half an answer is a broken connection; what is no HTTP at all is another program.
  if (code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE") return "broken";
  return "unsteady";
}

function said(trouble: RemoteTrouble, code: string, error: unknown): string {
  if (NO_TLS.has(code)) return `no TLS there: ${code}`;
  if (trouble === "broken") return `no HTTP answer: ${code}`;
  if (trouble === "certificate") return oneLine(`${code}: ${reasonOf(error)}`);
  return code || oneLine(reasonOf(error));
}

function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, " ").slice(0, 200);
}
