import { posix } from "node:path";
import { type Advice, show } from "./mistakes.ts";

const DRIVE = /^\s*([A-Za-z])[:：](.*)$/su;
const NETWORK = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/|[\\￥¥]{2})/iu;
const SHORT_FORM = /^(?:~(?:[/\\]|\w|$)|\$\w|\$\{|%\w+%)/u;
const SEPARATORS = /[\\￥¥]+/gu;

/** What is wrong with the text of a path, as far as the text alone can tell; undefined: nothing. */
export function pathAdvice(text: string): Advice | undefined {
  const shown = show(text);
  if (text.trim() === "")
    return {
      what: { ja: "場所が書かれていません", en: "no path is given" },
      next: {
        ja: "/srv/ledger のように、/ から始まる場所を書いてください",
        en: "Write the full path, such as /srv/ledger",
      },
    };
  if (/\p{Cc}/u.test(text))
    return {
      what: {
        ja: `場所「${shown}」に改行や目に見えない文字が入っています`,
        en: `the path "${shown}" holds a line break or an invisible character`,
      },
      next: {
        ja: "この行を消し、1 行で打ち直してください",
        en: "Delete the line and type the path anew, on one line",
      },
    };
  if (text !== text.trim())
    return {
      what: {
        ja: `場所「${shown}」の前か後ろに余分な空白があります（全角の空白も含みます）`,
        en: `the path "${shown}" begins or ends with a space (perhaps a full-width one)`,
      },
      fix: text.trim(),
    };
  if (/[、，,]\s*[/／]/u.test(text))
    return {
      what: {
        ja: `場所「${shown}」に 2 つ以上の場所がつながっています`,
        en: `"${shown}" is several paths in one`,
      },
      next: {
        ja: "[/srv/ar, /srv/b] のように、半角のコンマと空白で区切ってください",
        en: "Separate them with an ordinary comma and a space, as in [/srv/ar, /srv/b]",
      },
    };
  if (NETWORK.test(text)) return network(shown);
  const drive = DRIVE.exec(text);
  if (drive) return onDrive(shown, drive[1] ?? "", (drive[2] ?? "").replaceAll(SEPARATORS, "/"));
  if (text.search(SEPARATORS) !== -1 || text.startsWith("／"))
    return {
      what: {
        ja: `場所「${shown}」に、区切りとして \\、￥、全角の／ のどれかが使われています`,
        en: `the path "${shown}" uses \\, ￥ or a full-width ／ as separator`,
      },
      fix: text.replaceAll(SEPARATORS, "/").replaceAll("／", "/"),
      next: { ja: "区切りは半角の / です", en: "The separator is /" },
    };
  if (SHORT_FORM.test(text))
    return {
      what: {
        ja: `場所「${shown}」の ~ や $HOME のような省略形は使えません（実行する人によって指す先が変わるため）`,
        en: `the path "${shown}" uses a short form such as ~ or $HOME, which means another place for another user`,
      },
      next: {
        ja: "/home/tanaka/売掛金 のように、省略せずに書いてください",
        en: "Write it in full, such as /home/tanaka/ledger",
      },
    };
  return posix.normalize(text) === "/" ? tooWide(shown) : undefined;
}

function onDrive(shown: string, letter: string, rest: string): Advice {
  if (/^[/.]*$/u.test(rest)) return tooWide(shown);
  return {
    what: {
      ja: `場所「${shown}」は Windows のドライブの書き方です。この版は Linux（Windows では WSL）で動きます`,
      en: `the path "${shown}" is written for a Windows drive; this version runs on Linux (on Windows: in WSL)`,
    },
    fix: posix.join(`/mnt/${letter.toLowerCase()}`, rest),
    next: { ja: "WSL ではドライブがこの場所に見えます", en: "That is where WSL shows the drive" },
  };
}

function network(shown: string): Advice {
  return {
    what: {
      ja: `場所「${shown}」はネットワーク上の共有の書き方で、そのままでは読めません`,
      en: `the path "${shown}" is a network address, which cannot be read as it is`,
    },
    next: {
      ja: "先に共有をこの機械につなぎ（マウント）、/mnt/nas/mikura のように、つないだ先を書いてください",
      en: "Mount the share on this machine first, then write the mounted path, such as /mnt/nas/mikura",
    },
  };
}

function tooWide(shown: string): Advice {
  return {
    what: {
      ja: `「${shown}」はディスク全体を指し、広すぎます`,
      en: `"${shown}" is the whole disk, which is too wide`,
    },
    next: {
      ja: "/srv/ledger/ar のように、必要なフォルダーだけを書いてください",
      en: "Name only the folder that is needed, such as /srv/ledger/ar",
    },
  };
}

/** Absolute form of a path of the policy, `folder` being where the policy file lies. Text only: links are not followed. */
export function resolveFrom(folder: string, text: string): string {
  return posix.resolve(folder, text);
}

/** True where both are the same place or `inner` lies below `outer`. Both absolute. */
export function isWithin(inner: string, outer: string): boolean {
  // macOS hands out names decomposed (か + ゛): the same name as the composed one.
  const [a, b] = [inner.normalize("NFC"), outer.normalize("NFC")];
  return a === b || a.startsWith(b.endsWith("/") ? b : `${b}/`);
}

/** A path with ".." means another place once the policy file is moved; undefined where there is none. */
export function upwardAdvice(text: string, folder: string): Advice | undefined {
  if (!text.split("/").includes("..")) return undefined;
  return {
    what: {
      ja: `場所「${show(text)}」に「..」（1 つ上のフォルダー）があります。方針書を移すと別の場所を指してしまいます`,
      en: `the path "${show(text)}" contains ".." (one folder up); it would mean another place once this file is moved`,
    },
    fix: resolveFrom(folder, text),
  };
}
