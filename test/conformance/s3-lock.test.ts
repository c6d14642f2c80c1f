import { randomBytes } from "node:crypto";
import type { BucketLifecycleConfiguration, S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stoppedClock } from "../../agent/base/clock.ts";
import { bucketFacts } from "../../agent/copies/s3/bucket-facts.ts";
import { createObjectLock, type ObjectLock } from "../../agent/copies/s3/object-lock.ts";
import { DAY_MS, type LockMode, type S3Options } from "../../agent/copies/s3/options.ts";
import { s3Place } from "../../agent/copies/s3/place.ts";
import { createS3Store } from "../../agent/copies/s3/s3-store.ts";
import { tryToDestroy } from "../../agent/copies/s3/undeletable.ts";
import { CONFIG, type ListedKind, type Store } from "../../agent/copies/store.ts";
import { type Ceph, CEPH_LEFT_OUT, resticOn, startCeph } from "../ceph/ceph.ts";
import { optionsOn, plainClient } from "./s3-subject.ts";
import { listed, objectOf } from "./store-suite.ts";

let ceph: Ceph;
let s3: S3;
/** Who may read and write objects, and nothing else. */
let modest: Ceph;
beforeAll(async () => {
  if (CEPH_LEFT_OUT) return;
  ceph = await startCeph();
  s3 = plainClient(ceph);
  await s3.createBucket({ Bucket: "plain" });
  await s3.createBucket({ Bucket: "locked", ObjectLockEnabledForBucket: true });
  const keys = { accessKeyId: "modest", secretAccessKey: "modest-secret" };
  const named = ["--access-key", keys.accessKeyId, "--secret-key", keys.secretAccessKey];
  await ceph.admin("user", "create", "--uid=modest", "--display-name=modest", ...named);
  modest = { ...ceph, ...keys };
});
afterAll(async () => {
  s3?.destroy();
  await ceph?.stop();
});

let count = 0;
const optionsFor = (mode: LockMode, more: Partial<S3Options> = {}): S3Options => ({
  ...optionsOn(ceph, "locked", `lock-${count++}`),
  objectLock: { mode, days: 2 },
  ...more,
});

async function withLock<T>(
  options: S3Options,
  work: (store: Store, lock: ObjectLock) => Promise<T>,
): Promise<T> {
  const store = createS3Store(options);
  const lock = createObjectLock(options);
  try {
    return await work(store, lock);
  } finally {
    await store.close();
    lock.close();
  }
}

const bytes = randomBytes(1000);
const object = objectOf(bytes);
const HOUR_MS = 3_600_000;
const near = (time: number): unknown =>
  expect.toSatisfy((at: number) => Math.abs(at - time) < HOUR_MS);
const now = (): number => new Date().getTime();
const pathOf = (prefix: string): { Bucket: string; Key: string } => ({
  Bucket: "locked",
  Key: `${prefix}/data/${object.name.slice(0, 2)}/${object.name}`,
});
const versionsAt = async (prefix: string): Promise<number> =>
  (await s3.listObjectVersions({ Bucket: "locked", Prefix: prefix })).Versions?.length ?? 0;

describe.skipIf(CEPH_LEFT_OUT)("what is put with Object Lock", () => {
  it("cannot be deleted, is only hidden, and comes back", async () => {
    const options = optionsFor("COMPLIANCE");
    await withLock(options, async (store) => {
      await store.put(object, bytes);
      const key = pathOf(options.prefix);
      const { VersionId = "" } = await s3.headObject(key);
      for (const BypassGovernanceRetention of [false, true])
        await expect(
          s3.deleteObject({ ...key, VersionId, BypassGovernanceRetention }),
        ).rejects.toMatchObject({ name: "AccessDenied" });
      await store.remove(object);
      expect(await store.get(object)).toBeUndefined();
      expect(await listed(store, "data")).toEqual(new Map());
      const hidden = await s3.getObject({ ...key, VersionId });
      expect(Buffer.from((await hidden.Body?.transformToByteArray()) ?? [])).toEqual(bytes);
      await store.put(object, bytes);
      expect(await store.get(object)).toEqual(bytes);
    });
  });

  it("is held for the days of the policy: all kinds but locks, and no note", async () => {
    await withLock(optionsFor("COMPLIANCE"), async (store, lock) => {
      const kinds: readonly ListedKind[] = ["keys", "data", "index", "snapshots"];
      const all = [CONFIG, ...kinds.map((kind) => objectOf(bytes, kind))];
      for (const one of all) {
        await store.put(one, bytes);
        const held = { mode: "COMPLIANCE", until: near(now() + 2 * DAY_MS) };
        expect(await lock.retentionOf(one), one.kind).toEqual(held);
      }
      await store.put(objectOf(bytes, "locks"), bytes);
      expect(await lock.retentionOf(objectOf(bytes, "locks"))).toBeUndefined();
      await expect(lock.retentionOf(objectOf(randomBytes(9)))).rejects.toMatchObject({
        name: "Fault",
      });
    });
  });

  it("piles up no versions; locks leave none", async () => {
    const options = optionsFor("COMPLIANCE");
    await withLock(options, async (store) => {
      for (let n = 0; n < 3; n++) await store.put(object, bytes);
      expect(await versionsAt(options.prefix)).toBe(1);
      await store.put(object, bytes, { replace: true });
      expect(await versionsAt(options.prefix)).toBe(2);
      const used = objectOf(bytes, "locks");
      await store.put(used, bytes);
      await store.remove(used);
      expect(await store.get(used)).toBeUndefined();
      expect(await versionsAt(`${options.prefix}/locks/`)).toBe(0);
      const all = await s3.listObjectVersions({
        Bucket: "locked",
        Prefix: `${options.prefix}/locks/`,
      });
      expect(all.DeleteMarkers ?? []).toEqual([]);
    });
  });

  it("says so where the bucket was made without", async () => {
    const options = { ...optionsFor("COMPLIANCE"), bucket: "plain" };
    await withLock(options, async (store, lock) => {
      const fault = {
        code: "copy-refused",
        message: expect.stringMatching(/made without Object Lock/),
      };
      await expect(store.put(object, bytes)).rejects.toMatchObject(fault);
      expect(await lock.facts()).toEqual({ enabled: false });
    });
    await withLock(optionsFor("COMPLIANCE"), async (_, lock) =>
      expect(await lock.facts()).toEqual({ enabled: true }),
    );
  });
});

describe.skipIf(CEPH_LEFT_OUT)("extend", () => {
  it.each(["COMPLIANCE", "GOVERNANCE"] as const)(
    "lengthens %s, and only what lapses",
    async (mode) => {
      await withLock(optionsFor(mode), async (store, lock) => {
        const objects = Array.from({ length: 20 }, (_, n) => objectOf(Buffer.from(`object ${n}`)));
        for (const [n, one] of objects.entries()) await store.put(one, Buffer.from(`object ${n}`));
        const until = now() + 5 * DAY_MS;
        const none = { kept: [], unprotected: [], missing: [], faults: [] };
        const first = await lock.extend(objects.slice(0, 15), until);
        expect(first).toMatchObject(none);
        expect(new Set(first.extended)).toEqual(new Set(objects.slice(0, 15)));
        for (const one of objects.slice(0, 15))
          expect(await lock.retentionOf(one)).toEqual({ mode, until: near(until) });
        const second = await lock.extend(objects, until - DAY_MS);
        expect(new Set(second.kept)).toEqual(new Set(objects.slice(0, 15)));
        expect(new Set(second.extended)).toEqual(new Set(objects.slice(15)));
        const kept = objects[0] ?? object;
        expect(await lock.retentionOf(kept), "never shortened").toEqual({
          mode,
          until: near(until),
        });
      });
    },
  );

  it("names what nothing held, what is missing, and protects what it can", async () => {
    const options = optionsFor("COMPLIANCE");
    const { objectLock: _, ...bare } = options;
    const naked = objectOf(randomBytes(9));
    await withLock(bare, (store) => store.put(naked, Buffer.alloc(9)));
    await withLock(options, async (store, lock) => {
      await store.put(object, bytes);
      const hidden = objectOf(bytes, "index");
      await store.put(hidden, bytes);
      await store.remove(hidden);
      const none = objectOf(randomBytes(9));
      expect(await lock.extend([naked, none, object, hidden], now() + DAY_MS)).toEqual({
        kept: [object],
        extended: [],
        unprotected: [naked],
        missing: expect.toSatisfy((all: unknown[]) => all.length === 2),
        faults: [],
      });
      const held = { mode: "COMPLIANCE", until: near(now() + DAY_MS) };
      expect(await lock.retentionOf(naked)).toEqual(held);
    });
  });

  it("counts what has lapsed as unprotected", async () => {
    const options = optionsFor("COMPLIANCE");
    await withLock(options, (store) => store.put(object, bytes));
    const clock = stoppedClock(now() + 3 * DAY_MS);
    await withLock({ ...options, clock }, async (_, lock) => {
      const { unprotected, extended } = await lock.extend([object], clock.now() + DAY_MS);
      expect({ unprotected, extended }).toEqual({ unprotected: [object], extended: [] });
    });
  });

  it("gives the trouble of each object as a value", async () => {
    const options = optionsFor("COMPLIANCE");
    await withLock(options, (store) => store.put(object, bytes));
    await withLock({ ...options, ...credentialsOf(modest) }, async (_, lock) => {
      const { faults } = await lock.extend([object, CONFIG], now() + DAY_MS);
      expect(faults.map(({ fault }) => fault.code)).toEqual(["copy-refused", "copy-refused"]);
    });
  });
});

describe.skipIf(CEPH_LEFT_OUT)("rule R5: the agent's own credentials", () => {
  it("cannot destroy under COMPLIANCE", async () => {
    const options = optionsFor("COMPLIANCE");
    expect(await tryToDestroy(options, "1")).toMatchObject({ proved: true });
    await withLock(options, async (store) => {
      expect(await store.sweep(), "held: stays until it lapses").toBe(0);
      expect(await versionsAt(options.prefix)).toBe(1);
    });
  });

  it("destroy under GOVERNANCE what they may bypass", async () => {
    const options = optionsFor("GOVERNANCE");
    const answer = await tryToDestroy(options, "1");
    expect(answer).toMatchObject({
      proved: false,
      why: { en: expect.stringMatching(/bypassed GOVERNANCE/) },
    });
    expect(await versionsAt(options.prefix), "and nothing is left").toBe(0);
  });

  it("destroy in a bucket without Object Lock", async () => {
    const options = { ...optionsFor("COMPLIANCE"), bucket: "plain" };
    const answer = await tryToDestroy(options, "1");
    expect(answer).toMatchObject({
      proved: false,
      why: { en: expect.stringMatching(/without Object Lock/) },
    });
  });

  it("are not judged where they may not even put", async () => {
    const options = { ...optionsFor("COMPLIANCE"), ...credentialsOf(modest) };
    await expect(tryToDestroy(options, "1")).rejects.toMatchObject({ code: "copy-refused" });
  });
});

function credentialsOf({ accessKeyId, secretAccessKey }: Ceph): Pick<S3Options, "env"> {
  return { env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } };
}

describe.skipIf(CEPH_LEFT_OUT)("rule R1: the place", () => {
  it("is the owner's, whoever asks and whichever bucket", async () => {
    const one = await s3Place(optionsOn(ceph, "plain", "a"));
    const two = await s3Place(optionsOn(ceph, "locked", "b"));
    expect(one).toMatchObject({ account: two.account, by: "bucket-owner" });
    expect(one.bucket).not.toBe(two.bucket);
    expect(await s3Place(optionsOn(ceph, "plain", "c"))).toEqual(one);
    const other = await s3Place(optionsOn(modest, "plain", "a"));
    expect(other).toMatchObject({ bucket: one.bucket, by: "signer" });
    expect(JSON.stringify([one, other])).not.toMatch(/mikura|modest|plain/);
  });
});

describe.skipIf(CEPH_LEFT_OUT)("facts of a bucket", () => {
  const factsOf = async (bucket: string, wanted = false): Promise<Record<string, string>> => {
    const { objectLock, ...options } = { ...optionsFor("COMPLIANCE"), bucket, prefix: "copy" };
    const facts = await bucketFacts({ ...options, ...(wanted && objectLock && { objectLock }) });
    return Object.fromEntries(facts.map(({ finding, state }) => [finding, state]));
  };
  const rulesOn = (Bucket: string, rules: BucketLifecycleConfiguration["Rules"]) =>
    s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: rules } });

  it("a bucket made for it is well", async () => {
    const well = { versioning: "well", "object-lock": "well", public: "well" };
    expect(await factsOf("locked", true)).toEqual({ ...well, lifecycle: "note" });
    const NoncurrentVersionExpiration = { NoncurrentDays: 90 };
    const Filter = { Prefix: "" };
    await rulesOn("locked", [
      { ID: "old", Status: "Enabled", Filter, NoncurrentVersionExpiration },
    ]);
    expect(await factsOf("locked", true)).toEqual({ ...well, lifecycle: "well" });
  });

  it("a bucket made without is not what the policy asks for", async () => {
    expect(await factsOf("plain", true)).toMatchObject({ versioning: "bad", "object-lock": "bad" });
    const facts = await factsOf("plain");
    expect(facts).toEqual({ versioning: "note", lifecycle: "well", public: "well" });
  });

  it("finds a rule that expires the copy", async () => {
    await s3.createBucket({ Bucket: "expiring" });
    const Expiration = { Days: 30 };
    await rulesOn("expiring", [
      { ID: "logs", Status: "Enabled", Filter: { Prefix: "logs" }, Expiration },
    ]);
    expect(await factsOf("expiring")).toMatchObject({ lifecycle: "well" });
    await rulesOn("expiring", [
      { ID: "all", Status: "Enabled", Filter: { Prefix: "co" }, Expiration },
    ]);
    expect(await factsOf("expiring")).toMatchObject({ lifecycle: "bad" });
    const facts = await bucketFacts(optionsOn(ceph, "expiring", "copy"));
    const words = facts.find(({ finding }) => finding === "lifecycle");
    expect(words?.detail.en).toBe(
      'The bucket\'s lifecycle rule "all" expires objects of the copy after 30 days',
    );
  });

  it("finds a bucket that everybody may read", async () => {
    await s3.createBucket({ Bucket: "open-by-acl", ACL: "public-read" });
    expect(await factsOf("open-by-acl")).toMatchObject({ public: "bad" });
    await s3.createBucket({ Bucket: "open-by-policy" });
    const Resource = "arn:aws:s3:::open-by-policy/*";
    const Statement = [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource }];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await s3.putBucketPolicy({ Bucket: "open-by-policy", Policy });
    expect(await factsOf("open-by-policy")).toMatchObject({ public: "bad" });
  });

  it("names a default retention", async () => {
    await s3.createBucket({ Bucket: "holding", ObjectLockEnabledForBucket: true });
    const DefaultRetention = { Mode: "GOVERNANCE", Days: 3 } as const;
    const ObjectLockConfiguration = {
      ObjectLockEnabled: "Enabled",
      Rule: { DefaultRetention },
    } as const;
    await s3.putObjectLockConfiguration({ Bucket: "holding", ObjectLockConfiguration });
    expect(await factsOf("holding", true)).toMatchObject({ "object-lock": "note" });
    await withLock({ ...optionsFor("COMPLIANCE"), bucket: "holding" }, async (_, lock) =>
      expect(await lock.facts()).toEqual({
        enabled: true,
        byDefault: { mode: "GOVERNANCE", days: 3 },
      }),
    );
  });

  it("what may not be asked cannot be told", async () => {
    await s3.createBucket({ Bucket: "shared" });
    const options = optionsOn(modest, "shared", "copy");
    const facts = await bucketFacts({ ...options, objectLock: { mode: "COMPLIANCE", days: 1 } });
    expect(facts.map(({ state }) => state)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
    expect(facts[0]?.detail.en).toMatch(/cannot be told/);
  });

  it("a bucket that is not there is a fault", async () => {
    await expect(bucketFacts(optionsOn(ceph, "nowhere", "copy"))).rejects.toMatchObject({
      code: "copy-absent",
    });
  });
});

describe.skipIf(CEPH_LEFT_OUT)("restic", () => {
  it("opens, checks and writes what lies there, under lock too", async () => {
    resticOn(ceph, "plain/origin", "init");
    resticOn(ceph, "plain/origin", "backup", import.meta.dirname);
    const from = createS3Store(optionsOn(ceph, "plain", "origin"));
    const options = optionsFor("COMPLIANCE");
    const to = createS3Store(options);
    const kinds: readonly ListedKind[] = ["keys", "data", "index", "snapshots"];
    const objects = [CONFIG];
    for (const kind of kinds)
      for (const name of (await listed(from, kind)).keys()) objects.push({ kind, name });
    expect(objects.length).toBeGreaterThanOrEqual(6);
    for (const one of objects) await to.put(one, (await from.get(one)) ?? Buffer.alloc(0));
    await to.writeNote("copy.json", Buffer.from("{}"));
    for (const store of [from, to]) await store.close();

    const there = `locked/${options.prefix}`;
    expect(resticOn(ceph, there, "check", "--read-data")).toContain("no errors were found");
    resticOn(ceph, there, "backup", import.meta.dirname);
    expect(resticOn(ceph, there, "snapshots", "--json").match(/"short_id"/g)?.length).toBe(2);
  });
});

describe.skipIf(CEPH_LEFT_OUT)("a listing of more than a page", () => {
  it("is whole", async () => {
    const store = createS3Store(optionsOn(ceph, "plain", "many"));
    const names = Array.from({ length: 1005 }, (_, n) => objectOf(Buffer.from(`${n}`)).name);
    for (let n = 0; n < names.length; n += 100)
      await Promise.all(
        names
          .slice(n, n + 100)
          .map((name) => s3.putObject({ Bucket: "plain", Key: `many/index/${name}`, Body: "x" })),
      );
    expect(new Set((await listed(store, "index")).keys())).toEqual(new Set(names));
    await store.close();
  });
});
