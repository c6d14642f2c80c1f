import type { ObjectLockConfiguration } from "@aws-sdk/client-s3";
import { systemClock } from "../../base/clock.ts";
import { asFault, type Fault } from "../../base/fault.ts";
import { objectPath } from "../object-names.ts";
import { remoteFault } from "../remote-faults.ts";
import type { ObjectRef } from "../store.ts";
import { createS3Link, type S3Link } from "./client.ts";
import { DEFAULT_LOCK_MODE, type LockMode, type S3Options } from "./options.ts";
import { isMissing, refusalOf } from "./s3-faults.ts";

/** What holds one object (its newest version) back from deletion. */
export interface Retention {
  readonly mode: LockMode;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface LockFacts {
  /** The bucket was made so that objects can be held at all. */
  readonly enabled: boolean;
  /** What the bucket gives to whatever is put into it: locks and notes of mikura too. */
  readonly byDefault?: { readonly mode: LockMode; readonly days: number };
}

/** Every object that was asked about is in exactly one of these. */
export interface Extension {
  /** Held long enough as it was. */
  readonly kept: readonly ObjectRef[];
  /** Held before, and now until the day that was asked for. */
  readonly extended: readonly ObjectRef[];
  /** Had nothing that held it, or it had lapsed: could have been deleted until now. Now it is held. */
  readonly unprotected: readonly ObjectRef[];
  readonly missing: readonly ObjectRef[];
  readonly faults: readonly { readonly object: ObjectRef; readonly fault: Fault }[];
}

export interface ObjectLock {
  facts(): Promise<LockFacts>;
  /** Undefined where nothing holds the object; throws object-missing's Fault where it is not there. */
  retentionOf(object: ObjectRef): Promise<Retention | undefined>;
  /**
   * Sees to it that every object is held until then: one question for each, two more where it must
   * be extended, since the answer "done" is not believed. Never shortens, never weakens a mode.
   */
  extend(objects: Iterable<ObjectRef>, until: number): Promise<Extension>;
  close(): void;
}

export function createObjectLock(options: S3Options): ObjectLock {
  const { clock = systemClock, objectLock } = options;
  const mode = objectLock?.mode ?? DEFAULT_LOCK_MODE;
  const link = createS3Link(options);

  async function extendOne(object: ObjectRef, until: number): Promise<Outcome> {
    const path = objectPath(object);
    const before = await readRetention(link, path);
    if (before === "missing") return "missing";
    if (before && before.until >= until) return "kept";
    await setRetention(link, path, { mode: before?.mode ?? mode, until });
    return before && before.until > clock.now() ? "extended" : "unprotected";
  }

  return {
    facts: () => lockFacts(link),
    async retentionOf(object) {
      const path = objectPath(object);
      const retention = await readRetention(link, path);
      if (retention === "missing") throw remoteFault("broken", link.where, `${path} is not there`);
      return retention;
    },
    async extend(objects, until) {
      const sorted = { kept: [], extended: [], unprotected: [], missing: [] } as Sorted;
      const faults: { object: ObjectRef; fault: Fault }[] = [];
      const queue = objects[Symbol.iterator]();
      const work = async (): Promise<void> => {
        for (let next = queue.next(); next.done !== true; next = queue.next()) {
          const object = next.value;
          try {
            sorted[await extendOne(object, until)].push(object);
          } catch (error) {
            link.signal.throwIfAborted();
            faults.push({ object, fault: asFault(error) });
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return { ...sorted, faults };
    },
    close: () => link.close(),
  };
}

/** Small requests: a few at once hide the way there and back. */
const AT_ONCE = 8;

type Outcome = "kept" | "extended" | "unprotected" | "missing";
type Sorted = Record<Outcome, ObjectRef[]>;

/** What AWS and Ceph say of an object or a bucket that has none. */
const NONE: ReadonlySet<string> = new Set([
  "NoSuchObjectLockConfiguration",
  "ObjectLockConfigurationNotFoundError",
]);

/** Of one version where the bucket keeps them, else of the newest. */
export async function readRetention(
  link: S3Link,
  path: string,
  versionId?: string,
): Promise<Retention | "missing" | undefined> {
  const version = versionId !== undefined && { VersionId: versionId };
  try {
    const { Retention: found } = await link.askRaw((s3) =>
      s3.getObjectRetention({ ...link.at(path), ...version }),
    );
    const until = found?.RetainUntilDate?.getTime() ?? Number.NaN;
    // An answer without a readable date holds nothing that we could count on.
    return found?.Mode === undefined || Number.isNaN(until)
      ? undefined
      : { mode: found.Mode, until };
  } catch (error) {
    const { code = "", status = 0 } = refusalOf(error) ?? {};
    if (NONE.has(code)) return undefined;
    if (isMissing(error) || status === 405) return "missing"; // 405: the newest is a marker that hides it
    throw link.explain(error);
  }
}

/** Throws Fault "untrue" where the service says done, and it is not. */
async function setRetention(link: S3Link, path: string, { mode, until }: Retention): Promise<void> {
  const wanted = { Mode: mode, RetainUntilDate: new Date(until) };
  await link.ask((s3) => s3.putObjectRetention({ ...link.at(path), Retention: wanted }));
  const after = await readRetention(link, path);
  // Some services keep whole seconds.
  if (after === undefined || after === "missing" || after.until < until - 1000)
    throw remoteFault("untrue", link.where, `${path}: retention was not extended`);
}

/** Throws a Fault where the credentials may not ask. */
export async function lockFacts(link: S3Link): Promise<LockFacts> {
  let config: ObjectLockConfiguration | undefined;
  try {
    const question = { Bucket: link.bucket };
    const answer = await link.askRaw((s3) => s3.getObjectLockConfiguration(question));
    config = answer.ObjectLockConfiguration;
  } catch (error) {
    if (NONE.has(refusalOf(error)?.code ?? "")) return { enabled: false };
    throw link.explain(error);
  }
  const { Mode: mode, Days = 0, Years = 0 } = config?.Rule?.DefaultRetention ?? {};
  const days = Days + 365 * Years;
  return {
    enabled: config?.ObjectLockEnabled === "Enabled",
    ...(mode !== undefined && days > 0 && { byDefault: { mode, days } }),
  };
}
