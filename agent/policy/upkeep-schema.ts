import { z } from "zod";
import { about, duration, DURATION_META, line, schedule } from "./fields.ts";
import type { Policy, Retention, Waivers } from "./policy.ts";

/** A group that may be left out: its keys have defaults. */
type Group<T> = z.ZodPrefault<z.ZodType<T, object>>;

const NIGHTLY = { schedule: "30 2 * * *", "full-pass": "30d" };
const MONTHLY = { schedule: "0 4 1 * *" };
const SINGLE_SITE = {
  ja: "拠点が 1 つのため、金庫で代える",
  en: "we have one site; a fireproof safe instead",
};
const KEEP = { daily: 14, weekly: 8, monthly: 13, yearly: 10 };

export const retentionSchema: Group<Retention> = z
  .strictObject({
    daily: kept("日ごと", "day", KEEP.daily),
    weekly: kept("週ごと", "week", KEEP.weekly),
    monthly: kept("月ごと", "month", KEEP.monthly),
    yearly: kept("年ごと", "year", KEEP.yearly),
  })
  .meta(about("残しておく世代の数", "How many snapshots to keep", KEEP))
  .prefault({});

export const verifySchema: Group<Policy["verify"]> = z
  .strictObject({
    schedule: schedule
      .meta(
        about(
          "照合の予定：分 時 日 月 曜日",
          "When to verify: minute hour day month weekday",
          NIGHTLY.schedule,
        ),
      )
      .prefault(NIGHTLY.schedule),
    "full-pass": duration
      .meta({
        ...about(
          "この期間のうちに、写しのすべてを一度は読み直します",
          "Within this time every byte of a copy is read back once",
          "30d",
        ),
        ...DURATION_META,
      })
      .prefault(NIGHTLY["full-pass"]),
  })
  .transform((verify) => ({ schedule: verify.schedule, fullPassS: verify["full-pass"] }))
  .meta(about("写しを読み直す照合", "Reading the copies back", NIGHTLY))
  .prefault({});

export const drillSchema: Group<Policy["drill"]> = z
  .strictObject({
    schedule: schedule
      .meta(
        about(
          "復元訓練の予定：分 時 日 月 曜日",
          "When to drill: minute hour day month weekday",
          MONTHLY.schedule,
        ),
      )
      .prefault(MONTHLY.schedule),
  })
  .meta(about("本当に復元してみる訓練", "Restoring for practice", MONTHLY))
  .prefault({});

export const waiveSchema: Group<Waivers> = z
  .strictObject({
    R2: waived(
      "媒体が 2 種類以上",
      "two kinds of medium",
      "NAS しか置けないため、来期に USB ディスクを買う",
      "only a NAS fits in; a USB disk is planned for next year",
    ),
    R3: waived("別の拠点に 1 つ以上", "one at another site", SINGLE_SITE.ja, SINGLE_SITE.en),
    R4: waived(
      "インターネットなしで読めるものが別の拠点に 1 つ以上",
      "one at another site readable without the Internet",
      "社長宅の改装中、3 月まで",
      "the owner's house is being rebuilt until March",
    ),
    R5: waived(
      "エージェント自身には消せないものが 1 つ以上",
      "one that the agent itself cannot delete",
      "持ち出すディスクを来月買う",
      "a disk to carry away will be bought next month",
    ),
  })
  .meta(
    about(
      "満たさない規則と、その理由",
      "Rules that are not met, with the reason",
      { R3: SINGLE_SITE.ja },
      { R3: SINGLE_SITE.en },
    ),
  )
  .prefault({});

function kept(ja: string, en: string, count: number): z.ZodPrefault<z.ZodType<number, number>> {
  return z
    .int()
    .min(0)
    .max(1000)
    .meta(about(`${ja}に残す数`, `Snapshots to keep, one a ${en}`, count))
    .prefault(count);
}

function waived(
  ja: string,
  en: string,
  ...reasons: string[]
): z.ZodOptional<z.ZodType<string, string>> {
  return line
    .meta(about(`「${ja}」を満たさない理由`, `Why this is not met: ${en}`, ...reasons))
    .optional();
}
