import type { Words } from "../base/words.ts";
import { type Advice, show } from "./mistakes.ts";

/** What an address leads to: it decides what may follow the host, and what an example looks like. */
export type AddressOf = "rest" | "s3";

/** What is wrong with the address of a service; undefined: nothing. */
export function addressAdvice(text: string, of: AddressOf): Advice | undefined {
  const shown = show(text);
  const bare = withScheme(text, of);
  const url = readAddress(bare ?? text);
  if (/^[^/／]*:[/／]{2}.*[@＠]/su.test(text) || url?.username || url?.password)
    return { what: WITH_PASSWORD, next: PASSWORD_ELSEWHERE[of] };
  if (!url) return { what: unreadable(shown), next: EXAMPLE[of] };
  if (url.search !== "" || url.hash !== "" || /[?#]/u.test(text))
    return {
      what: {
        ja: `アドレス「${shown}」に ? や # から始まる部分があります`,
        en: `the address "${shown}" has a part that begins with ? or #`,
      },
      next: EXAMPLE[of],
    };
  if (/\/\.{0,2}\/|\/\.{1,2}$/u.test((bare ?? text).replace(/^\w+:\/\//u, "")))
    return {
      what: {
        ja: `アドレス「${shown}」に、空の部分か「..」があります`,
        en: `the address "${shown}" has an empty part or ".." in its path`,
      },
      next: EXAMPLE[of],
    };
  if (of === "s3" && url.pathname !== "/")
    return {
      what: {
        ja: "endpoint に書くのは、サーバーの名前までです。バケットとその下は bucket と prefix に分けて書きます",
        en: "endpoint ends with the server's name; what follows belongs into bucket and prefix",
      },
      fix: url.origin,
    };
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return {
      what: {
        ja: "暗号化されない http:// です。途中で見ている人に認証情報を読まれ、写しを消されるおそれがあります",
        en: "http:// is not encrypted: whoever listens on the way could read the credentials and delete the copy",
      },
      fix: text.trim().replace(/^.*?:\/\//u, "https://"),
      next: {
        ja: "自社の証明書なら ca-file にその場所を書きます",
        en: "Name a certificate of your own in ca-file",
      },
    };
  return bare === undefined ? undefined : { what: unreadable(shown), fix: bare };
}

/** The address as the program uses it: host in small letters, no slash at the end. */
export function plainAddress(text: string): string {
  return (readAddress(text)?.href ?? text).replace(/\/+$/u, "");
}

/** An http or https address; undefined where the text is none. */
export function readAddress(text: string): URL | undefined {
  // The URL parser would drop spaces and line breaks and turn a backslash.
  if (!/^https?:\/\/[^\s\\\p{Cc}]+$/iu.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^[\p{L}\p{N}]/u.test(url.hostname) || url.hostname.startsWith("[") ? url : undefined;
}

/** True where nothing leaves this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/u.test(hostname);
}

/** The address that was meant by one that lacks its scheme or has restic's word before it; undefined for others. */
function withScheme(text: string, of: AddressOf): string | undefined {
  const trimmed = text.normalize("NFKC").trim();
  const inner = trimmed.replace(/^(?:rest|s3):(?=https?:)/iu, "");
  if (/^https?:\/\//iu.test(inner)) return inner === text ? undefined : inner;
  const host = /^(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:\/.*)?$/iu;
  return host.test(inner) && (of === "rest" || !inner.includes("@"))
    ? `https://${inner}`
    : undefined;
}

function unreadable(shown: string): Words {
  return {
    ja: `アドレス「${shown}」が読めません`,
    en: `the address "${shown}" cannot be read`,
  };
}

const WITH_PASSWORD: Words = {
  ja: "アドレスの中に、利用者名か合言葉があります。合言葉は方針書に書けません",
  en: "the address holds a user's name or a password, and no password is ever written in the policy",
};

const PASSWORD_ELSEWHERE: Readonly<Record<AddressOf, Words>> = {
  rest: {
    ja: "アドレスから @ までの部分を消し、利用者名は user: に、合言葉は本人だけが読めるファイル（権限 600）に入れて password-file: にその場所を書いてください。ここに一度書いた合言葉は替えてください",
    en: "Take out the part up to the @. The name goes into user:, the password into a file of mode 600 that password-file: names. Change the password, as it has stood here",
  },
  s3: {
    ja: "アドレスから @ までの部分を消し、鍵は credentials: に示すところへ入れてください。ここに一度書いた鍵は替えてください",
    en: "Take out the part up to the @; keys go where credentials: says. Change the key, as it has stood here",
  },
};

const EXAMPLE: Readonly<Record<AddressOf, Words>> = {
  rest: {
    ja: "「url: https://backup.example.jp/mikura」のように書いてください",
    en: "Write it like `url: https://backup.example.com/mikura`",
  },
  s3: {
    ja: "「endpoint: https://s3.example.jp」のように書いてください",
    en: "Write it like `endpoint: https://s3.example.com`",
  },
};
