import { type Advice, show } from "./mistakes.ts";
import { textAdvice } from "./text.ts";

/** What is wrong with a user's name at a server; undefined: nothing. */
export function userAdvice(text: string): Advice | undefined {
  const advice = textAdvice(text);
  if (advice) return advice;
  // Basic authentication joins name and password with a colon (RFC 7617).
  if (!text.includes(":"))
    return text === text.trim() ? undefined : { what: BLANK, fix: text.trim() };
  return {
    what: {
      ja: "利用者名に : は使えません。合言葉は方針書に書けません",
      en: "a user's name holds no colon, and no password is ever written in the policy",
    },
    next: {
      ja: `「user: ${show(text.split(":")[0])}」のように利用者名だけを書き、合言葉は password-file: に示すファイルへ入れてください`,
      en: `Write only the name, \`user: ${show(text.split(":")[0])}\`; the password goes into the file that password-file: names`,
    },
  };
}

const BLANK = {
  ja: "利用者名の前か後ろに余分な空白があります",
  en: "the user's name begins or ends with a space",
};
