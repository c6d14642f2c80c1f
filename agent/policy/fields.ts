import { z } from "zod";
import { parseDuration } from "../base/duration.ts";
import { cronAdvice } from "./cron.ts";
import { globAdvice } from "./glob.ts";
import type { Advice } from "./mistakes.ts";
import { pathAdvice } from "./paths.ts";
import {
  DURATION_PATTERN,
  durationAdvice,
  longAdvice,
  textAdvice,
  timezoneAdvice,
} from "./text.ts";

type Text = z.ZodType<string, string>;

/** One line in any language, spaces at its ends removed. */
export const line: Text = checked(textAdvice).transform((text) => text.trim());
export const path: Text = checked(pathAdvice);
export const glob: Text = checked(globAdvice);
export const schedule: Text = checked(cronAdvice);
export const timezone: Text = checked(timezoneAdvice);
/** "24h" in the file, seconds in the policy. */
export const duration: z.ZodType<number, string> = checked(durationAdvice).transform(
  (text) => parseDuration(text) ?? 0,
);

/** JSON Schema cannot run our check, but an editor can use the pattern. */
export const DURATION_META: { readonly pattern: string } = { pattern: DURATION_PATTERN };

/**
 * What an editor shows for a key, and where the messages take their example from. A second example is
 * the English one, where the first is Japanese.
 */
export function about(
  ja: string,
  en: string,
  ...examples: unknown[]
): { description: string; examples: unknown[] } {
  return { description: `${ja} / ${en}`, examples };
}

/** A text that `check` finds nothing wrong with. */
export function checked(check: (text: string) => Advice | undefined): Text {
  return z.string().superRefine((text, context) => {
    const advice = longAdvice(text) ?? check(text);
    if (advice) context.addIssue({ code: "custom", message: advice.what.en, params: { advice } });
  });
}
