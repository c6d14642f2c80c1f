import { type Advice, show } from "./mistakes.ts";
import { nearest } from "./nearest.ts";
import { STORAGE_CLASSES } from "./policy.ts";

/** What such a class holds must be thawed for hours before it can be read. */
const FROZEN: ReadonlySet<string> = new Set([
  "GLACIER",
  "DEEP_ARCHIVE",
  "ARCHIVE",
  "COLD_ARCHIVE",
  "DEEP_COLD_ARCHIVE",
]);

/** What is wrong with a storage class; undefined: nothing. */
export function storageClassAdvice(text: string): Advice | undefined {
  if (STORAGE_CLASSES.some((one) => one === text)) return undefined;
  const meant = text.normalize("NFKC").trim().toUpperCase().replaceAll(/[- ]/gu, "_");
  if (FROZEN.has(meant))
    return {
      what: {
        ja: `「${show(text)}」に入れたものは、何時間もかけて取り出すまで読めません。照合も復元訓練もできなくなります`,
        en: `what is stored as "${show(text)}" cannot be read for hours, so neither verify nor a drill could ever prove it`,
      },
      fix: "GLACIER_IR",
    };
  const offered = STORAGE_CLASSES.join(", ");
  const near = nearest(meant, STORAGE_CLASSES);
  return {
    what: {
      ja: `「${show(text)}」という保存の区分は使えません（書けるのは ${offered}）`,
      en: `there is no storage class "${show(text)}" (only ${offered})`,
    },
    ...(near === undefined ? {} : { fix: near }),
  };
}
