import type { ListObjectVersionsOutput } from "@aws-sdk/client-s3";
import type { S3Link } from "./client.ts";
import { listKeys } from "./listing.ts";
import { PROBE_FOLDER } from "./proof.ts";
import { refusalOf } from "./s3-faults.ts";

interface Version {
  readonly path: string;
  readonly versionId: string;
  /** Hides the object; is none itself. */
  readonly marker: boolean;
}

/**
 * Removes probe objects, with all versions of them whose retention has lapsed; returns how many
 * objects. One that is still held stays until a later sweep.
 */
export async function sweepProbes(link: S3Link): Promise<number> {
  const versions = await versionsOf(link);
  const removed = new Set<string>();
  if (versions === undefined) {
    for await (const { path } of listKeys(link, PROBE_FOLDER)) {
      await link.find((s3) => s3.deleteObject(link.at(path)));
      removed.add(path);
    }
    return removed.size;
  }
  const held = new Set<string>();
  for (const version of versions.filter(({ marker }) => !marker))
    ((await removeVersion(link, version)) ? removed : held).add(version.path);
  // A marker goes last, and only when it hides nothing any more.
  for (const version of versions.filter(({ marker, path }) => marker && !held.has(path)))
    await removeVersion(link, version);
  return [...removed].filter((path) => !held.has(path)).length;
}

/** False where Object Lock still holds it. */
async function removeVersion(link: S3Link, { path, versionId }: Version): Promise<boolean> {
  try {
    const version = { ...link.at(path), VersionId: versionId };
    await link.askRaw((s3) => s3.deleteObject(version));
    return true;
  } catch (error) {
    if (refusalOf(error)?.status === 403) return false;
    throw link.explain(error);
  }
}

/** Every version below the probes' folder; undefined where the service cannot or may not list them. */
async function versionsOf(link: S3Link): Promise<Version[] | undefined> {
  const { Bucket, Key } = link.at(PROBE_FOLDER);
  const versions: Version[] = [];
  let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
  const seen = new Set<string>();
  for (;;) {
    let page: ListObjectVersionsOutput;
    try {
      page = await link.askRaw((s3) => s3.listObjectVersions({ Bucket, Prefix: Key, ...from }));
    } catch (error) {
      if ([400, 403, 405, 501].includes(refusalOf(error)?.status ?? 0)) return undefined;
      throw link.explain(error);
    }
    for (const marker of [false, true])
      for (const { Key: key, VersionId } of (marker ? page.DeleteMarkers : page.Versions) ?? [])
        if (key?.startsWith(Key) === true && VersionId !== undefined)
          versions.push({ path: key.slice(link.prefix.length), versionId: VersionId, marker });
    const next = `${page.NextKeyMarker}\n${page.NextVersionIdMarker}`;
    if (page.IsTruncated !== true || seen.has(next)) return versions;
    seen.add(next);
    from = {
      ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
      ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
    };
  }
}
