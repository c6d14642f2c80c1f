import { parseDuration } from "../base/duration.ts";
import { type Advice, show } from "./mistakes.ts";
import { durationAdvice } from "./text.ts";

const DAY_S = 86_400;
/** Ten years with their leap days. */
const LONGEST_S = 3653 * DAY_S;

/** What is wrong with the time of an Object Lock; undefined: nothing. */
export function lockAdvice(text: string): Advice | undefined {
  const unreadable = durationAdvice(text);
  if (unreadable) return unreadable;
  const seconds = parseDuration(text) ?? 0;
  if (seconds < DAY_S)
    return {
      what: {
        ja: `「${show(text)}」は短すぎます（1 日から）。エージェントが一晩止まるだけで、消せるようになってしまいます`,
        en: `"${show(text)}" is too short (1 day or more): one night without the agent, and everything could be deleted`,
      },
      fix: "30d",
    };
  if (seconds > LONGEST_S)
    return {
      what: {
        ja: `「${show(text)}」は長すぎます（10 年まで）。その間、誰にも消せず、料金がかかり続けます`,
        en: `"${show(text)}" is too long (10 years at most): nobody could delete it before, and it is paid for all the time`,
      },
      next: {
        ja: "「object-lock: 30d」のように書いてください。必要なものの期限は、mikura が延ばし続けます",
        en: "Write it like `object-lock: 30d`. mikura extends it for whatever is still needed",
      },
    };
  return undefined;
}
