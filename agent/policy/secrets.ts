import type { Words } from "../base/words.ts";
import type { Advice } from "./mistakes.ts";

// No secret belongs in a policy (promise 9). One that was put there all the same is refused, and no
// message repeats it: messages land in logs and in mails.

const SECRET_WORD =
  "secret|passw|passphrase|token|access[-_ ]?key|api[-_ ]?key|private[-_ ]?key|account[-_ ]?key|合言葉|パスワード|秘密";
const SECRET_KEY = new RegExp(SECRET_WORD, "iu");
const SHORT_WORDS: ReadonlySet<string> = new Set(["pass", "pwd", "pw", "key", "sas", "pin"]);

/** Names of keys at AWS; not secret, but a secret is near. */
const KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/gu;
/** As secret keys of AWS and its like are: 40 letters of Base64 with capitals, small letters and digits. */
const KEY_TEXT =
  /(?<![\w+/=])(?=[A-Za-z+/]*\d)(?=[a-z\d+/]*[A-Z])(?=[A-Z\d+/]*[a-z])[A-Za-z\d+/]{40}(?![\w+/=])/gu;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY/u;

/** An address of nothing but a host and a path. */
const PLAIN_ADDRESS =
  /^:\/\/(?:[\p{L}\p{N}._-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?=$|[/\s"'`,)}\]、。「」（）])(?:(?!:\/\/)[^?#])*$/iu;

/** What to hide of a text. Each looks at the whole text, so that none hides from another what it looks for. */
const HIDING: readonly { readonly part: RegExp; readonly unless?: RegExp }[] = [
  // From the value on: of a key with a telling name (but no password-file), in YAML, JSON or a connection string.
  {
    part: new RegExp(
      String.raw`(?<=(?:${SECRET_WORD}|\b(?:pass|pwd|pw|key|sas)\b)(?![^\s:：=]*file["']?\s*[:：=])[^\s:：=]*\s*[:：=])\s*\S.*`,
      "gisu",
    ),
  },
  // Up to the @ of an address; not in `company: @home`, which is none.
  { part: /^.*[@＠]/gsu, unless: /^(?:[^:：@＠]|[:：](?=\s)|(?<=\s|^)[@＠])*(?<=\s|^)[@＠]$/u },
  { part: /[:：][/／]{2}.*/gsu, unless: PLAIN_ADDRESS },
  { part: /-----BEGIN .*/gsu },
  { part: KEY_ID },
  { part: KEY_TEXT },
];

/** A part of the file as it may stand in a message. Hides rather too much than too little. */
export function withoutSecrets(text: string): string {
  const hidden = new Set<number>();
  for (const { part, unless } of HIDING)
    for (const { 0: found, index } of text.matchAll(part))
      if (!unless?.test(found))
        for (let at = index; at < index + found.length; at++) hidden.add(at);
  if (hidden.size === 0) return text;
  const letters = text.split("").map((letter, at) => (hidden.has(at) ? undefined : letter));
  return letters
    .map((letter, at) => letter ?? (at === 0 || letters[at - 1] !== undefined ? "***" : ""))
    .join("");
}

/** True of the name of a key that asks for a secret itself, as against a file that holds one. */
export function isSecretKey(key: string): boolean {
  const name = key.normalize("NFKC").trim().toLowerCase().replaceAll("_", "-");
  if (name.endsWith("file")) return false;
  return SECRET_KEY.test(name) || SHORT_WORDS.has(name);
}

/** A secret in the place of something else; undefined where there is none that can be told. */
export function pastedSecret(text: string): Advice | undefined {
  const found =
    text.search(KEY_ID) !== -1 ||
    PRIVATE_KEY.test(text) ||
    (!/^[./]/u.test(text) && text.search(KEY_TEXT) !== -1) ||
    /:\/\/[^/\s:@]*:[^/\s@]*@/u.test(text);
  if (!found) return undefined;
  return {
    what: {
      ja: "ここに、合言葉かアクセスキーのようなものが書かれています",
      en: "this looks like a password or an access key",
    },
    next: NOT_HERE,
  };
}

export function secretKeyAdvice(key: string): Advice {
  return {
    what: {
      ja: `${key} は方針書に書けません。合言葉や鍵そのものは、ここには置きません`,
      en: `${key} cannot stand here: no password and no key is ever written in the policy`,
    },
    next: NOT_HERE,
  };
}

const NOT_HERE: Words = {
  ja: "この行を消し、本人だけが読めるファイル（権限 600）に入れて、そのファイルの場所を password-file: や credentials: { file: … } に書いてください。ここに一度書いた合言葉や鍵は、新しいものに替えてください",
  en: "Remove it, put it into a file of mode 600 and name that file in password-file: or credentials: { file: … }. What has once stood here should be replaced by a new password or key",
};
