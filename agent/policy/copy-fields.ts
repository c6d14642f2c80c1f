import { z } from "zod";
import { about, checked, line, path } from "./fields.ts";
import { HOURS_PATTERN, hoursAdvice, parseHours } from "./hours.ts";
import { type CopyType, MEDIA, type Medium, type UploadLimit } from "./policy.ts";
import { parseRate, RATE_PATTERN, rateAdvice } from "./rate.ts";

// Keys that several types of copies have.

/** An alternative of `copies.NAME`, told by its `type`; a copy's name stands outside it. */
export type CopyVariant<T> = z.ZodType<T> & z.core.$ZodTypeDiscriminable;

/** `type: …`, said with what it means. */
export function typeField<T extends CopyType>(type: T, ja: string, en: string): z.ZodLiteral<T> {
  return z
    .literal(type)
    .meta(about(`置き場所の種類。${type}：${ja}`, `Kind of place. ${type}: ${en}`, type));
}

export const site: z.ZodType<string, string> = line.meta(
  about(
    "写しがある建物や場所",
    "The building or place where the copy is",
    "社長宅",
    "owner's home",
  ),
);

/** @param example the usual one */
export function medium<T extends Medium>(offered: readonly T[], example: T): z.ZodType<T, T> {
  return z
    .enum(offered)
    .meta(about("媒体の種類。2 種類以上にします", "Kind of medium; use two or more", example));
}

/** Behind a network nobody changes a disc or a tape: what a hand must put in is `local`, with `rotates`. */
export const SERVED_MEDIA: readonly Exclude<Medium, "usb-memory" | "optical-disc" | "tape">[] =
  MEDIA.filter((one) => one !== "usb-memory" && one !== "optical-disc" && one !== "tape");

export const caFile: z.ZodType<string | undefined, string | undefined> = path
  .meta(
    about(
      "相手の証明書を確かめるための、自社の認証局の証明書（PEM）",
      "Certificates of one's own authority that the server's is checked with (PEM)",
      "/etc/mikura/ca.pem",
    ),
  )
  .optional();

const RATE = { upload: "2MB/s", between: "20:00-07:00" };

/** `limit:`, which may name one of the two or both. */
export const limit: z.ZodType<UploadLimit | undefined, object | undefined> = z
  .strictObject({
    upload: checked(rateAdvice)
      .transform((text) => parseRate(text) ?? 0)
      .meta({
        ...about(
          "送る速さの上限（1 秒あたり）",
          "Bytes a second that may be sent at most",
          RATE.upload,
        ),
        pattern: RATE_PATTERN,
      })
      .optional(),
    between: checked(hoursAdvice)
      .transform((text) => parseHours(text) ?? { from: 0, to: 0 })
      .meta({
        ...about(
          "送ってよい時間帯（timezone の時刻）。ほかの時間には送りません",
          "The hours at which bytes are sent, in the policy's time zone; at others none are",
          RATE.between,
        ),
        pattern: HOURS_PATTERN,
      })
      .optional(),
  })
  .transform(({ upload, between }) => defined({ bytesPerSecond: upload, between }))
  .meta({
    ...about("回線を使いすぎないための制限", "So that the line stays free for other work", RATE),
    minProperties: 1,
  })
  .optional();

/** The object without the keys that are undefined. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
