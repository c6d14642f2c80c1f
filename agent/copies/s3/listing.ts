import type { ListObjectsV2Output } from "@aws-sdk/client-s3";
import { remoteFault } from "../remote-faults.ts";
import type { S3Link } from "./client.ts";

export interface ListedKey {
  /** Below the link's prefix. */
  readonly path: string;
  readonly size: number;
}

/**
 * Every key whose path begins with `under`, page by page. Throws where a page fails or does not fit
 * the others: what was given out before is then no whole listing.
 */
export async function* listKeys(link: S3Link, under: string): AsyncGenerator<ListedKey> {
  let some = false;
  for await (const key of listOnce(link, under)) {
    some = true;
    yield key;
  }
  if (some) return;
  // "Nothing there" is believed when it is said twice: services have taken errors for it.
  yield* listOnce(link, under);
}

async function* listOnce(link: S3Link, under: string): AsyncGenerator<ListedKey> {
  const tokens = new Set<string>();
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    const page = await pageOf(link, under, token);
    for (const key of keysOf(link, under, page)) {
      if (seen.has(key.path)) throw misfit(link, `${key.path} is listed twice`);
      seen.add(key.path);
      yield key;
    }
    if (page.IsTruncated !== true) return;
    token = page.NextContinuationToken;
    if (token === undefined || token === "") throw misfit(link, "more is to come, but not how");
    if (tokens.has(token)) throw misfit(link, "the listing goes round in a circle");
    tokens.add(token);
  }
}

/** Whether the very key of a path is listed: the second witness where the first says it is not there. */
export async function isListed(link: S3Link, path: string): Promise<boolean> {
  const page = await pageOf(link, path, undefined, 1); // of all keys that begin so, the shortest is first
  return keysOf(link, path, page).some((key) => key.path === path);
}

async function pageOf(
  link: S3Link,
  under: string,
  token: string | undefined,
  most?: number,
): Promise<ListObjectsV2Output> {
  const { Bucket, Key } = link.at(under);
  const page = await link.ask((s3) =>
    s3.listObjectsV2({
      Bucket,
      Prefix: Key,
      EncodingType: "url", // somebody else's key may hold what XML cannot
      ...(token !== undefined && { ContinuationToken: token }),
      ...(most !== undefined && { MaxKeys: most }),
    }),
  );
  if (typeof page.IsTruncated !== "boolean")
    throw misfit(link, "a page does not say if it is the last");
  const about = page.Prefix === undefined ? Key : page.Prefix;
  if (about !== Key && decoded(link, about) !== Key)
    throw misfit(link, "a page about something else");
  return page;
}

function keysOf(link: S3Link, under: string, page: ListObjectsV2Output): ListedKey[] {
  const entries = page.Contents ?? [];
  if (page.KeyCount !== undefined && page.KeyCount !== entries.length)
    throw misfit(link, `a page claims ${page.KeyCount} keys and holds ${entries.length}`);
  return entries.map(({ Key, Size }) => {
    const key = page.EncodingType === "url" ? decoded(link, Key) : Key;
    if (key === undefined || !isSize(Size)) throw misfit(link, "an entry without name or size");
    if (!key.startsWith(`${link.prefix}${under}`)) throw misfit(link, "a key from elsewhere");
    return { path: key.slice(link.prefix.length), size: Size };
  });
}

function isSize(size: number | undefined): size is number {
  return Number.isSafeInteger(size) && (size ?? -1) >= 0;
}

function decoded(link: S3Link, text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    throw misfit(link, "a name that cannot be read");
  }
}

function misfit(link: S3Link, said: string): Error {
  return remoteFault("broken", link.where, `listing: ${said}`);
}
