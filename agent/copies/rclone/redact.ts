/** Every rule errs on the side of hiding: a lost word is better than a leaked one. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // user:password@ in an address; also where the password holds an "@"
  [/(\w+:\/\/)[^\s/"']*@/g, "$1…@"],
  [/[^\s/"':@]+:[^\s/"']+@(?=[\w.[-])/g, "…@"],
  // what follows "?" in an address: signed links are keys
  [/(\w+:\/\/[^\s?"']*)\?[^\s"']*/g, "$1?…"],
  [/(authorization|cookie)("?\s*[:=]).*/gi, "$1$2 …"],
  [/\b(bearer|basic|token)\s+[\w.~+/=-]{6,}/gi, "$1 …"],
  // rclone's connection strings: everything between name and path
  [/([\w.+@-]*),\w+=[^\s:]*/g, "$1,…"],
  [
    /([\w-]*(?:pass(?:word|wd|phrase)?|secret|token|credential|signature|api[_-]?key|access[_-]?key|key[_-]?id|account|client_id|code|sig|auth)[\w-]*\\?["']?\s*[:=]\s*)(?:\\?"[^"\\]*\\?"|'[^']*'|[^\s,;&})]+)/gi,
    "$1…",
  ],
  // long runs that mix letters and digits: keys, JWTs, hashes
  [/(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}/g, "…"],
  [/(?=[\w+/=]*\d)(?=[\w+/=]*[A-Z])(?=[\w+/=]*[a-z])[\w+/=]{40,}/g, "…"],
];

/** Text of rclone or of a service without what may be a secret. */
export function redact(text: string): string {
  return RULES.reduce((hidden, [rule, by]) => hidden.replace(rule, by), text);
}
