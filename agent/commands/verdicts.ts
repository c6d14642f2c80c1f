import type { Words } from "../base/words.ts";
import type { Verdict } from "../jobs/status/status.ts";

/** The four verdicts in words and in print: readable without colour. */
export const VERDICTS: Readonly<Record<Verdict, { readonly mark: string; readonly word: Words }>> =
  {
    proved: { mark: "○", word: { ja: "実証済", en: "proved" } },
    attention: { mark: "△", word: { ja: "要注意", en: "attention" } },
    failed: { mark: "×", word: { ja: "失敗", en: "failed" } },
    unproved: { mark: "―", word: { ja: "未実証", en: "unproved" } },
  };
