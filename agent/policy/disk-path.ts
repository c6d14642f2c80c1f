import { type Advice, show } from "./mistakes.ts";

/** A disk appears where the system puts it, not where the policy file lies. */
export function diskAdvice(text: string): Advice | undefined {
  if (text.startsWith("/")) return undefined;
  return {
    what: {
      ja: `ディスクの場所「${show(text)}」が / から始まっていません`,
      en: `the disk's path "${show(text)}" does not begin with /`,
    },
    next: {
      ja: "「/media/mikura-a/mikura」のように、つなぐと現れる場所を / から書いてください",
      en: "Write in full where it appears when connected, such as /media/mikura-a/mikura",
    },
  };
}
