import type { LifecycleRule } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { dropsHiddenVersions, harmfulRules } from "./lifecycle.ts";

const rule = (more: Partial<LifecycleRule>): LifecycleRule => ({
  ID: "r",
  Status: "Enabled",
  Filter: { Prefix: "" },
  ...more,
});
const expires = { Expiration: { Days: 30 } };
const prefix = "backup/mikura/";

describe("harmfulRules", () => {
  const harmful: readonly [string, LifecycleRule][] = [
    ["everything", rule(expires)],
    ["a prefix above", rule({ ...expires, Filter: { Prefix: "backup/" } })],
    ["a half name above", rule({ ...expires, Filter: { Prefix: "back" } })],
    ["the prefix", rule({ ...expires, Filter: { Prefix: prefix } })],
    ["a part of it", rule({ ...expires, Filter: { Prefix: `${prefix}data/` } })],
    ["an old-style prefix", { Status: "Enabled", ID: "r", Prefix: "backup", ...expires }],
    [
      "a prefix and a size",
      rule({ ...expires, Filter: { And: { Prefix: "backup", ObjectSizeGreaterThan: 1 } } }),
    ],
    ["a date", rule({ Expiration: { Date: new Date(0) } })],
  ];
  it.each(harmful)("finds a rule that expires %s", (_, one) => {
    expect(harmfulRules([one], prefix)).toMatchObject([{ rule: "r", does: "expires" }]);
  });

  it.each(["GLACIER", "DEEP_ARCHIVE"] as const)("finds a rule that archives to %s", (to) => {
    const one = rule({ Transitions: [{ Days: 5, StorageClass: to }] });
    expect(harmfulRules([one], prefix)).toEqual([{ rule: "r", does: "archives", afterDays: 5 }]);
  });

  const harmless: readonly [string, LifecycleRule][] = [
    ["that is off", rule({ ...expires, Status: "Disabled" })],
    ["for another prefix", rule({ ...expires, Filter: { Prefix: "logs/" } })],
    ["for objects with a tag", rule({ ...expires, Filter: { Tag: { Key: "a", Value: "b" } } })],
    ["for locks", rule({ ...expires, Filter: { Prefix: `${prefix}locks/` } })],
    ["for old versions", rule({ NoncurrentVersionExpiration: { NoncurrentDays: 9 } })],
    ["for lonely markers", rule({ Expiration: { ExpiredObjectDeleteMarker: true } })],
    ["that moves to a class read at once", rule({ Transitions: [{ StorageClass: "GLACIER_IR" }] })],
    ["for broken uploads", rule({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } })],
  ];
  it.each(harmless)("passes over a rule %s", (_, one) => {
    expect(harmfulRules([one], prefix)).toEqual([]);
  });

  it("sees whether hidden versions go", () => {
    const drops = rule({ NoncurrentVersionExpiration: { NoncurrentDays: 9 } });
    expect(dropsHiddenVersions([drops], prefix)).toBe(true);
    expect(dropsHiddenVersions([{ ...drops, Status: "Disabled" }], prefix)).toBe(false);
    expect(dropsHiddenVersions([{ ...drops, Filter: { Prefix: "x" } }], prefix)).toBe(false);
  });
});
