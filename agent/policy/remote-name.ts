import type { Words } from "../base/words.ts";
import { type Advice, show } from "./mistakes.ts";

// NAME:PATH, as rclone's configuration names its remotes. What else rclone would take there, a
// connection string or an on-the-fly backend, may hold secrets and change what the remote does.
const NAME = /^[\p{L}\p{N}_.+@](?:[\p{L}\p{N}_.+@ -]*[\p{L}\p{N}_.+@])?$/u;

/** What is wrong with a remote of rclone; undefined: nothing. */
export function remoteAdvice(text: string): Advice | undefined {
  if (text.startsWith(":") || text.startsWith("：") || /^[^:]*[,='"`]/u.test(text))
    return { what: INLINE, next: CONFIGURE };
  const shown = show(text);
  if (/^[A-Z]:[\\/￥]|^[a-z]:\\/u.test(text)) return { what: noName(shown), next: OTHER_TYPE };
  if (/[\p{Cc}\\]/u.test(text) || text !== text.trim() || /[：／]/u.test(text)) {
    const fix = text
      .normalize("NFKC")
      .trim()
      .replaceAll(/[\\￥¥]/gu, "/");
    const what = unreadable(shown);
    return /\p{Cc}/u.test(fix) || remoteAdvice(fix) ? { what } : { what, fix };
  }
  const colon = text.indexOf(":");
  if (colon === -1 || /^[./~]/u.test(text)) return { what: noName(shown), next: WHICH };
  const [name, path] = [text.slice(0, colon), text.slice(colon + 1)];
  if (path.startsWith("//")) return { what: noName(shown), next: OTHER_TYPE };
  if (/^rclone$/iu.test(name) && path.includes(":") && !remoteAdvice(path))
    return { what: unreadable(shown), fix: path };
  if (/^rclone /iu.test(name) || / -/u.test(text) || !NAME.test(name))
    return { what: noName(shown), next: WHICH };
  if (/^\/*$/u.test(path))
    return {
      what: {
        ja: `「${shown}」はその置き場所の全体を指し、広すぎます`,
        en: `"${shown}" is everything that is there, which is too wide`,
      },
      fix: `${name}:mikura`,
    };
  if (/(?:^|\/)\.{1,2}(?:\/|$)|[^/]\/\/|^[^:]*\/\//u.test(path))
    return {
      what: {
        ja: `「${shown}」に、空の部分か「..」があります`,
        en: `"${shown}" has an empty part or ".." in its path`,
      },
    };
  return undefined;
}

/** Both parts, the path without a slash at its end. The text must be sound. */
export function plainRemote(text: string): string {
  return text.replace(/(?<=[^:/])\/+$/u, "");
}

function unreadable(shown: string): Words {
  return {
    ja: `rclone の置き場所「${shown}」が読めません`,
    en: `the remote "${shown}" cannot be read`,
  };
}

function noName(shown: string): Words {
  return {
    ja: `「${shown}」は「名前:場所」の形（rclone に設定した名前、半角のコロン、その中の場所）ではありません`,
    en: `"${shown}" is not of the form NAME:PATH (a remote that rclone knows, a colon, a folder there)`,
  };
}

const INLINE: Words = {
  ja: "接続の設定をここに書き込むことはできません（合言葉が混じるおそれがあり、置き場所のふるまいも変わるため）",
  en: "connection settings cannot be written here: they may hold a password, and they change what the place does",
};

const CONFIGURE: Words = {
  ja: "rclone config で置き場所に名前を付け（例：branch）、「remote: branch:mikura」のように書いてください",
  en: "Give the place a name with rclone config (such as branch), then write `remote: branch:mikura`",
};

const WHICH: Words = {
  ja: "名前は rclone listremotes で分かります。「remote: branch:mikura」のように書いてください。この機械から見えるフォルダーなら type: local です",
  en: "rclone listremotes tells the names. Write it like `remote: branch:mikura`. For a folder that this machine can see, use type: local",
};

const OTHER_TYPE: Words = {
  ja: "この機械から見えるフォルダーなら type: local と path、restic のサーバーなら type: rest と url、S3 なら type: s3 にしてください",
  en: "For a folder that this machine can see use type: local with path, for a server of restic type: rest with url, for a bucket type: s3",
};
