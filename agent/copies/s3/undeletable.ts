import { systemClock } from "../../base/clock.ts";
import type { Words } from "../../base/words.ts";
import { createS3Link, type S3Link } from "./client.ts";
import { readThrough } from "./objects.ts";
import { readRetention } from "./object-lock.ts";
import { DAY_MS, DEFAULT_LOCK_MODE, type S3Options } from "./options.ts";
import { md5Of, PROBE_FOLDER } from "./proof.ts";
import { refusalOf } from "./s3-faults.ts";

/** Whether what the agent put can be destroyed with the agent's own credentials (rule R5). */
export interface Undeletable {
  readonly proved: boolean;
  readonly why: Words;
}

/**
 * Puts a probe object as the policy's rule puts objects, but held for one day only, and tries with
 * the agent's own credentials everything that would destroy it: overwriting, shortening its
 * retention, deleting it, both with the right to bypass governance. Proved when after all of it the
 * very version is still there with its bytes. Throws a Fault where that could not be tried.
 */
export async function tryToDestroy(options: S3Options, tag: string): Promise<Undeletable> {
  const link = createS3Link(options);
  try {
    return await destroyProbe(link, options, `${PROBE_FOLDER}undeletable-${tag}`);
  } finally {
    link.close();
  }
}

async function destroyProbe(link: S3Link, options: S3Options, path: string): Promise<Undeletable> {
  const { clock = systemClock, objectLock } = options;
  const mode = objectLock?.mode ?? DEFAULT_LOCK_MODE;
  const until = clock.now() + DAY_MS;
  const bytes = Buffer.from("mikura tries whether it could delete what it put here\n");
  const put = async (body: Buffer, held: boolean): Promise<string | undefined> => {
    const lock = held && { ObjectLockMode: mode, ObjectLockRetainUntilDate: new Date(until) };
    const ContentMD5 = md5Of(body).toString("base64");
    const made = await link.askRaw((s3) =>
      s3.putObject({ ...link.at(path), Body: body, ContentMD5, ...lock }),
    );
    return made.VersionId;
  };

  let version: string | undefined;
  try {
    version = await put(bytes, true);
  } catch (error) {
    if (refusalOf(error)?.code === "InvalidRequest") return no(WITHOUT_LOCK);
    throw link.explain(error);
  }
  if (version === undefined || version === "null") {
    await link.find((s3) => s3.deleteObject(link.at(path)));
    return no(WITHOUT_VERSIONS);
  }

  const probe = { ...link.at(path), VersionId: version, BypassGovernanceRetention: true };
  const sooner = { Mode: mode, RetainUntilDate: new Date(clock.now() + DAY_MS / 24) };
  const overwriting = await attempt(link, () => put(Buffer.from("overwritten\n"), false));
  await attempt(link, () =>
    link.askRaw((s3) => s3.putObjectRetention({ ...probe, Retention: sooner })),
  );
  const shortened = await isShorter(link, path, version, until);
  await attempt(link, () => link.askRaw((s3) => s3.deleteObject(probe)));
  const whole = await isWhole(link, path, version, bytes);
  // The version that the overwriting made is held by nothing.
  if (overwriting !== undefined && overwriting !== version) {
    const rest = { ...link.at(path), VersionId: overwriting };
    await attempt(link, () => link.askRaw((s3) => s3.deleteObject(rest)));
  }
  if (!whole) return no(mode === "GOVERNANCE" ? BYPASSED : DELETED);
  if (shortened) return no(SHORTENED);
  return { proved: true, why: HELD };
}

/** What a try gives; undefined where it was refused, as it should be. Other trouble is thrown. */
async function attempt<T>(link: S3Link, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { status = 0 } = refusalOf(error) ?? {};
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) return undefined;
    throw link.explain(error);
  }
}

async function isShorter(
  link: S3Link,
  path: string,
  version: string,
  until: number,
): Promise<boolean> {
  const left = await readRetention(link, path, version);
  return left === undefined || left === "missing" || left.until < until - 1000;
}

/** By reading that version: neither "refused" nor "done" is believed. */
async function isWhole(
  link: S3Link,
  path: string,
  versionId: string,
  bytes: Buffer,
): Promise<boolean> {
  const pieces: Uint8Array[] = [];
  const got = await readThrough(link, path, (piece) => pieces.push(piece), {
    versionId,
    limit: 1024,
  });
  return got !== undefined && bytes.equals(Buffer.concat(pieces));
}

function no(why: Words): Undeletable {
  return { proved: false, why };
}

const HELD: Words = {
  ja: "試しに置いた物を、自分の認証情報では消すことも書き換えることもできませんでした",
  en: "a probe object could be neither deleted nor overwritten with our own credentials",
};
const WITHOUT_LOCK: Words = {
  ja: "バケットが Object Lock なしで作られています",
  en: "the bucket was made without Object Lock",
};
const WITHOUT_VERSIONS: Words = {
  ja: "バケットが版を残さない（バージョニングが無効）ので、上書きで消えます",
  en: "the bucket keeps no versions, so overwriting destroys",
};
const BYPASSED: Words = {
  ja: "GOVERNANCE の保持は、この認証情報なら越えて消せました。COMPLIANCE にするか、s3:BypassGovernanceRetention の権限を外してください",
  en: "these credentials bypassed GOVERNANCE and deleted it: use COMPLIANCE, or take s3:BypassGovernanceRetention from them",
};
const DELETED: Words = {
  ja: "サービスは保持を受け付けましたが、試しに置いた物を消せてしまいました",
  en: "the service took the retention, and yet the probe object could be deleted",
};
const SHORTENED: Words = {
  ja: "保持の期限を、この認証情報で縮められました",
  en: "these credentials could shorten the retention",
};
