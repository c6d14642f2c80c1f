import type { S3, S3ClientConfig } from "@aws-sdk/client-s3";
import type { RemotePlace } from "../remote-faults.ts";
import { STALL_MS } from "../remote.ts";
import { readCredentials } from "./credentials.ts";
import { S3Http } from "./http.ts";
import type { S3Options } from "./options.ts";
import { isMissing, s3Fault } from "./s3-faults.ts";

/** One bucket, or a part of it, and the way to ask about it. */
export interface S3Link {
  readonly where: RemotePlace;
  readonly bucket: string;
  /** "" or ending in a slash: what stands before every path of the repository. */
  readonly prefix: string;
  readonly signal: AbortSignal;
  /** Bucket and full key of a path below the prefix, as every command on an object takes them. */
  at(path: string): { readonly Bucket: string; readonly Key: string };
  /** Asks the service. Throws a Fault, or the signal's reason. */
  ask<T>(question: (s3: S3) => Promise<T>): Promise<T>;
  /** The same; undefined where the service says that the object is not there. */
  find<T>(question: (s3: S3) => Promise<T>): Promise<T | undefined>;
  /** The same; errors as the SDK has them, for whoever knows what a certain one means. */
  askRaw<T>(question: (s3: S3) => Promise<T>): Promise<T>;
  /** Whatever was thrown by a question as what is to be thrown on. */
  explain(error: unknown): unknown;
  close(): void;
}

/** Nothing is loaded, read or connected before the first question. */
export function createS3Link(options: S3Options): S3Link {
  const { bucket, signal } = options;
  const prefix = normal(options.prefix);
  const where: RemotePlace = { copy: options.copy, place: `s3://${bucket}/${prefix}` };
  let opened: Promise<S3> | undefined;
  let http: S3Http | undefined;

  async function open(): Promise<S3> {
    const { caPem, pace, stallMs = STALL_MS } = options;
    http = new S3Http({ where, signal, stallMs, ...(pace && { pace }), ...(caPem && { caPem }) });
    return await makeClient(options, http);
  }

  const link: S3Link = {
    where,
    bucket,
    prefix,
    signal,
    at: (path) => ({ Bucket: bucket, Key: `${prefix}${path}` }),
    async askRaw(question) {
      signal.throwIfAborted();
      opened ??= open();
      return await question(await opened);
    },
    async ask(question) {
      try {
        return await link.askRaw(question);
      } catch (error) {
        throw link.explain(error);
      }
    },
    async find(question) {
      try {
        return await link.askRaw(question);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw link.explain(error);
      }
    },
    explain: (error) => (signal.aborted ? signal.reason : s3Fault(error, where)),
    close: () => http?.destroy(),
  };
  return link;
}

async function makeClient(options: S3Options, http: S3Http): Promise<S3> {
  const identity = await readCredentials(options.credentials, options.env);
  // About 90 ms and 30 MB: only for whoever has a copy on S3.
  const { S3 } = await import("@aws-sdk/client-s3");
  const { endpoint, region, pathStyle = endpoint !== undefined, credentials } = options;
  const config: S3ClientConfig = {
    region,
    forcePathStyle: pathStyle,
    // Trying again is for the wrapper above all stores, which knows the budget of the copy.
    maxAttempts: 1,
    // An older service ignores a checksum it does not know; Content-MD5 is in S3 from the start.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    followRegionRedirects: false,
    requestHandler: http,
    logger: SILENT,
  };
  if (endpoint !== undefined) config.endpoint = endpoint;
  if (identity) config.credentials = identity;
  else if (typeof credentials === "object" && "profile" in credentials)
    config.profile = credentials.profile;
  return new S3(config);
}

function say(): void {}

/** The SDK would write its advice to stderr, over our progress. */
const SILENT = { trace: say, debug: say, info: say, warn: say, error: say };

function normal(prefix: string): string {
  const inner = prefix.replaceAll(/^\/+|\/+$/g, "");
  return inner === "" ? "" : `${inner}/`;
}
