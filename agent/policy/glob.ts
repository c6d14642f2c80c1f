import { type Advice, show } from "./mistakes.ts";

/** What is wrong with an `exclude` pattern, or undefined where nothing is. */
export function globAdvice(pattern: string): Advice | undefined {
  const shown = show(pattern);
  const half = pattern.normalize("NFKC");
  if (pattern.trim() === "")
    return {
      what: { ja: "除く名前が空です", en: "the pattern is empty" },
      next: {
        ja: 'この行を消すか、"*.tmp" のように書いてください',
        en: 'Remove it, or write a pattern such as "*.tmp"',
      },
    };
  if (/[＊？［］｛｝]/u.test(pattern))
    return {
      what: { ja: `「${shown}」の記号が全角です`, en: `"${shown}" has full-width signs` },
      fix: half,
    };
  if (/[\\￥¥]/u.test(pattern))
    return {
      what: {
        ja: `「${shown}」の区切りに \\ や ￥ が使われています`,
        en: `"${shown}" uses \\ or ￥ as separator`,
      },
      fix: pattern.replaceAll(/[\\￥¥]+/gu, "/"),
    };
  if (/^(?:\/|\.\.?\/)|\/\.\.(?:\/|$)|^\.\.$/u.test(pattern))
    return {
      what: {
        ja: `「${shown}」は / や .. から始まる場所の書き方で、どのファイルにも当てはまりません`,
        en: `"${shown}" is written as a path and would match nothing`,
      },
      next: {
        ja: "folders のフォルダーから見た名前で、old/** や *.tmp のように書いてください",
        en: "Write it as seen from the folder in `folders`, such as old/** or *.tmp",
      },
    };
  if (pattern.startsWith("!"))
    return {
      what: {
        ja: `「${shown}」のように ! で「除かない」を表すことはできません`,
        en: `"${shown}": a leading ! ("but not") is not supported`,
      },
      next: { ja: "除くものだけを書いてください", en: "Write only what is to be left out" },
    };
  if (/^[*/]+$/u.test(pattern))
    return {
      what: {
        ja: `「${shown}」はすべてのファイルに当てはまり、何も保存されなくなります`,
        en: `"${shown}" matches every file, so nothing would be backed up`,
      },
      next: {
        ja: 'この行を消すか、"*.tmp" のように絞ってください',
        en: 'Remove it, or narrow it, such as "*.tmp"',
      },
    };
  if (!isBalanced(pattern))
    return {
      what: {
        ja: `「${shown}」のかっこが閉じていません`,
        en: `"${shown}" has a bracket that is not closed`,
      },
      next: {
        ja: "[ と ]、{ と } の数を合わせてください。記号そのものを指すときは ? で置き換えます",
        en: "Close each [ with ] and each { with }; to mean the sign itself, put ? in its place",
      },
    };
  return undefined;
}

function isBalanced(pattern: string): boolean {
  const plainParts = pattern.replaceAll(/\[[^[\]/]+\]/gu, "");
  let open = 0;
  for (const letter of plainParts) {
    if (letter === "[" || letter === "]") return false;
    if (letter === "{") open++;
    if (letter === "}" && --open < 0) return false;
  }
  return open === 0;
}
