import type { GetObjectCommandOutput, HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { MAX_READ_BYTES, objectTooLarge, objectTooShort } from "../object-faults.ts";
import { remoteFault } from "../remote-faults.ts";
import type { BytePart } from "../store.ts";
import type { S3Link } from "./client.ts";
import { isListed } from "./listing.ts";
import { isMissing, refusalOf } from "./s3-faults.ts";

export interface Head {
  readonly size: number;
  readonly versionId: string | undefined;
  /** Without its quotes. */
  readonly etag: string | undefined;
}

/** What lies at a path; undefined where the service says that nothing does: not yet certain. */
export async function headOf(link: S3Link, path: string): Promise<Head | undefined> {
  let head: HeadObjectCommandOutput;
  try {
    head = await link.askRaw((s3) => s3.headObject(link.at(path)));
  } catch (error) {
    if (isMissing(error)) return undefined;
    // The answer to HEAD has no body to say why; the same trouble meets a listing, which has.
    const { status = 0 } = refusalOf(error) ?? {};
    if (status >= 400 && status < 500) await isListed(link, path);
    throw link.explain(error);
  }
  const { ContentLength: size, ETag, VersionId } = head;
  if (size === undefined) throw remoteFault("broken", link.where, `${path}: no length`);
  return { size, versionId: VersionId, etag: ETag?.replaceAll('"', "") };
}

/** Size of what lies at a path; undefined where it is certainly not there. */
export async function sizeOf(link: S3Link, path: string): Promise<number | undefined> {
  const head = await headOf(link, path);
  if (head) return head.size;
  return await certainlyAbsent(link, path);
}

/**
 * Asks a second way. A 404 alone is not enough: gateways have said it on errors of their own, and
 * to HEAD a missing bucket looks the same as a missing object.
 */
export async function certainlyAbsent(link: S3Link, path: string): Promise<undefined> {
  if (await isListed(link, path))
    throw remoteFault("unsteady", link.where, `${path} is listed, but "not found"`);
  return undefined;
}

/**
 * Hands over the bytes at a path, or a part of them, piece by piece; returns how many. `versionId`
 * names one version where the bucket keeps them.
 */
export async function readThrough(
  link: S3Link,
  path: string,
  take: (piece: Uint8Array) => void,
  options: { part?: BytePart; versionId?: string; limit?: number } = {},
): Promise<number | undefined> {
  const { part, versionId, limit = MAX_READ_BYTES } = options;
  const subject = { copy: link.where.copy, object: path };
  if (part && part.length > limit)
    throw objectTooLarge({ ...subject, size: part.length, wanted: limit });
  // No range of HTTP is empty.
  if (part?.length === 0) return await readNothing(link, path, part.offset);
  const got = await openObject(link, path, part, versionId);
  if (got === undefined)
    return versionId === undefined ? await certainlyAbsent(link, path) : undefined;
  const wanted = part?.length ?? got.ContentLength;
  const size = got.ContentLength;
  if (size === undefined || wanted === undefined)
    return refuse(got, remoteFault("broken", link.where, `${path}: no length`));
  if (size > limit) return refuse(got, objectTooLarge({ ...subject, size, wanted: limit }));
  if (part && !answersPart(got, part)) return refuse(got, shortOrOther(link, path, part, got));
  let read = 0;
  let refused: { readonly error: unknown } | undefined;
  try {
    for await (const piece of got.Body as AsyncIterable<Uint8Array>) {
      read += piece.length;
      try {
        take(piece);
      } catch (error) {
        refused = { error }; // the caller's own, no trouble of the service
        break;
      }
    }
  } catch (error) {
    throw link.explain(error);
  }
  if (refused) throw refused.error;
  if (read !== wanted) throw remoteFault("unsteady", link.where, `${path}: ${read} of ${wanted} B`);
  return read;
}

async function openObject(
  link: S3Link,
  path: string,
  part: BytePart | undefined,
  versionId: string | undefined,
): Promise<GetObjectCommandOutput | undefined> {
  const range = part && { Range: `bytes=${part.offset}-${part.offset + part.length - 1}` };
  const version = versionId !== undefined && { VersionId: versionId };
  try {
    return await link.askRaw((s3) => s3.getObject({ ...link.at(path), ...range, ...version }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (part && refusalOf(error)?.status === 416) {
      const size = await sizeOf(link, path);
      const wanted = part.offset + part.length;
      if (size !== undefined && size < wanted)
        throw objectTooShort({ copy: link.where.copy, object: path, size, wanted });
    }
    throw link.explain(error);
  }
}

async function readNothing(link: S3Link, path: string, offset: number): Promise<0 | undefined> {
  const size = await sizeOf(link, path);
  if (size === undefined) return undefined;
  if (offset > size)
    throw objectTooShort({ copy: link.where.copy, object: path, size, wanted: offset });
  return 0;
}

function answersPart(got: GetObjectCommandOutput, { offset, length }: BytePart): boolean {
  if (got.ContentLength !== length) return false;
  // Some services answer a range that covers everything with everything.
  if (got.ContentRange === undefined) return offset === 0;
  return got.ContentRange.startsWith(`bytes ${offset}-${offset + length - 1}/`);
}

function shortOrOther(
  link: S3Link,
  path: string,
  { offset, length }: BytePart,
  got: GetObjectCommandOutput,
): Error {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(got.ContentRange ?? "");
  const size = Number(range?.[2] ?? Number.NaN);
  const wanted = offset + length;
  if (Number(range?.[1]) === offset && size < wanted)
    return objectTooShort({ copy: link.where.copy, object: path, size, wanted });
  return remoteFault("unsteady", link.where, `${path}: another part than was asked for`);
}

/** Lets go of a body that nobody will read. */
function refuse(got: GetObjectCommandOutput, error: Error): never {
  const body = got.Body as { destroy?: () => void } | undefined;
  body?.destroy?.();
  throw error;
}
