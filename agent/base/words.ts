/** The languages mikura speaks; the policy's `language` chooses. */
export type Language = "ja" | "en";

/** One sentence for a person, in every language. Both stand side by side where they are used. */
export type Words = Readonly<Record<Language, string>>;

/** The same text in every language: names, paths, figures. */
export function plain(text: string): Words {
  return { ja: text, en: text };
}

/** Language of a terminal session when no policy has been read yet (POSIX order: LC_ALL, LC_MESSAGES, LANG). */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || "";
  return locale.toLowerCase().startsWith("ja") ? "ja" : "en";
}
