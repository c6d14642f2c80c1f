import type { LifecycleRule } from "@aws-sdk/client-s3";

/** What a rule of the bucket does to objects of ours, now or later. */
export interface LifecycleHarm {
  /** The rule's own name, or its place in the list. */
  readonly rule: string;
  readonly does: "expires" | "archives";
  readonly afterDays: number | undefined;
}

/** Reading from these takes hours, and a restore cannot begin. */
const ARCHIVES: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** Rules that would take objects below the prefix away, or out of reach. */
export function harmfulRules(rules: readonly LifecycleRule[], prefix: string): LifecycleHarm[] {
  return rules.flatMap((rule, n): LifecycleHarm[] => {
    if (rule.Status !== "Enabled" || !touches(rule, prefix)) return [];
    const name = rule.ID ?? `#${n + 1}`;
    const { Days, Date: date } = rule.Expiration ?? {};
    // ExpiredObjectDeleteMarker and the rules on noncurrent versions touch only what prune has hidden.
    if (Days !== undefined || date !== undefined)
      return [{ rule: name, does: "expires", afterDays: Days }];
    const archive = rule.Transitions?.find(({ StorageClass }) => ARCHIVES.has(StorageClass ?? ""));
    return archive ? [{ rule: name, does: "archives", afterDays: archive.Days }] : [];
  });
}

/** Whether hidden versions ever go; without such a rule a bucket with versions only grows. */
export function dropsHiddenVersions(rules: readonly LifecycleRule[], prefix: string): boolean {
  return rules.some(
    (rule) =>
      rule.Status === "Enabled" &&
      rule.NoncurrentVersionExpiration?.NoncurrentDays !== undefined &&
      prefix.startsWith(scopeOf(rule)),
  );
}

function touches(rule: LifecycleRule, prefix: string): boolean {
  // mikura puts objects without tags.
  if (rule.Filter?.Tag !== undefined || (rule.Filter?.And?.Tags ?? []).length > 0) return false;
  const scope = scopeOf(rule);
  // Locks and probes may go at any time.
  if (scope.startsWith(`${prefix}locks/`) || scope.startsWith(`${prefix}mikura/probe/`))
    return false;
  return prefix.startsWith(scope) || scope.startsWith(prefix);
}

function scopeOf({ Filter, Prefix }: LifecycleRule): string {
  return Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? "";
}
