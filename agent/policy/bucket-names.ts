import type { Words } from "../base/words.ts";
import { type Advice, show } from "./mistakes.ts";

// Longer than AWS allows and with more letters: other services have buckets of older rules.
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/u;
const BUCKET_AT_AWS = /^(?!xn--|sthree-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u;
/** Bytes. A key has at most 1024, of which ours take up to 90 below the prefix, and a name in notes may be long. */
const PREFIX_MAX = 512;

/** What is wrong with the name of a bucket, wherever it is. */
export function bucketAdvice(text: string): Advice | undefined {
  if (BUCKET.test(text) && !text.includes("..")) return undefined;
  const what: Words = {
    ja: `「${show(text)}」はバケットの名前になりません（3 文字以上の半角の英小文字・数字・ハイフン）`,
    en: `"${show(text)}" cannot be the name of a bucket (small letters a-z, digits and hyphens, three or more)`,
  };
  const inner = text
    .normalize("NFKC")
    .trim()
    .replace(/^(?:s3:\/\/|arn:[^/]*:)/u, "")
    .replace(/\/+$/u, "");
  if (inner !== text && bucketAdvice(inner) === undefined) return { what, fix: inner };
  const [bucket = "", ...below] = inner.split("/");
  if (below.length === 0 || !BUCKET.test(bucket)) return { what };
  const prefix = show(below.join("/"));
  return {
    what,
    next: {
      ja: `「bucket: ${bucket}」と「prefix: ${prefix}」に分けて書いてください`,
      en: `Write \`bucket: ${bucket}\` and \`prefix: ${prefix}\` apart`,
    },
  };
}

/** What is wrong with the name of a bucket at AWS, beyond `bucketAdvice`. */
export function awsBucketAdvice(text: string): Advice | undefined {
  const address = /^\d+(?:\.\d+){3}$/u.test(text);
  const reserved = /(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/u.test(text);
  if (BUCKET_AT_AWS.test(text) && !address && !reserved) return undefined;
  const small = text.toLowerCase();
  return {
    what: {
      ja: `「${show(text)}」という名前のバケットは AWS では作れません（63 文字までの半角の英小文字・数字・ハイフン）`,
      en: `AWS has no bucket named "${show(text)}" (small letters a-z, digits and hyphens, 63 at most)`,
    },
    ...(small !== text && BUCKET_AT_AWS.test(small)
      ? { fix: small }
      : {
          next: {
            ja: "AWS の画面でバケットの名前を確かめてください。AWS でないサービスなら endpoint が要ります",
            en: "Look up the bucket's name at AWS. A service other than AWS needs an endpoint",
          },
        }),
  };
}

/** What is wrong with the folder inside a bucket. */
export function prefixAdvice(text: string): Advice | undefined {
  const shown = show(text);
  if (/^\w+:\/\//u.test(text))
    return {
      what: {
        ja: `「${shown}」はアドレスです。prefix はバケットの中の場所だけです`,
        en: `"${shown}" is an address; prefix is only the place inside the bucket`,
      },
    };
  const plain = plainPrefix(
    text
      .normalize("NFC")
      .trim()
      .replaceAll(/[\\￥¥]/gu, "/"),
  );
  const segments = plain.split("/");
  const odd = segments.some((part) => part === "" || part === "." || part === "..");
  if (odd || /\p{Cc}/u.test(plain))
    return {
      what: {
        ja: `バケットの中の場所「${shown}」に、空の部分か「..」か目に見えない文字があります`,
        en: `the place "${shown}" in the bucket has an empty part, "..", or an invisible character`,
      },
    };
  if (Buffer.byteLength(plain) > PREFIX_MAX)
    return {
      what: {
        ja: `バケットの中の場所が長すぎます（${PREFIX_MAX} バイトまで。日本語は 1 文字 3 バイト）`,
        en: `the place in the bucket is too long (${PREFIX_MAX} bytes at most)`,
      },
    };
  // A slash at its end is how people write folders; anything else would make another place of it.
  return plain === plainPrefix(text) && !text.startsWith("/")
    ? undefined
    : {
        what: {
          ja: `バケットの中の場所「${shown}」に、余分な空白か / か \\ があります`,
          en: `the place "${shown}" in the bucket has a space, a / or a \\ too many`,
        },
        fix: plain,
      };
}

/** As the program uses it. */
export function plainPrefix(text: string): string {
  // Of letters that macOS hands out decomposed (か + ゛), a bucket would make another key.
  return text.normalize("NFC").replaceAll(/^\/+|\/+$/gu, "");
}

const REGION_AT_AWS = /^[a-z]{2,}(?:-[a-z]+)+-\d{1,2}$/u;
const JAPAN: readonly (readonly [RegExp, string])[] = [
  [/東京|tokyo|日本|japan/iu, "ap-northeast-1"],
  [/大阪|osaka/iu, "ap-northeast-3"],
];

/** What is wrong with the name of a region, wherever it is. */
export function regionAdvice(text: string): Advice | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u.test(text) ? undefined : noRegion(text, "");
}

/** What is wrong with the name of a region of AWS. */
export function awsRegionAdvice(text: string): Advice | undefined {
  return REGION_AT_AWS.test(text) ? undefined : noRegion(text, " AWS ");
}

function noRegion(text: string, where: string): Advice {
  const meant = text.normalize("NFKC").trim().toLowerCase();
  const near =
    JAPAN.find(([words]) => words.test(meant))?.[1] ??
    // ap-northeast-1a is a zone of ap-northeast-1.
    (REGION_AT_AWS.test(meant.replace(/(?<=\d)[a-f]$/u, ""))
      ? meant.replace(/[a-f]$/u, "")
      : undefined);
  return {
    what: {
      ja: `「${show(text)}」という${where === "" ? "" : "AWS の"}リージョン（地域）はありません`,
      en: `there is no${where.trimEnd()} region "${show(text)}"`,
    },
    ...(near === undefined ? { next: WHICH_REGION } : { fix: near }),
  };
}

const WHICH_REGION: Words = {
  ja: "AWS なら「region: ap-northeast-1」（東京）のように書きます。ほかのサービスなら、endpoint と、そのサービスが示す region を書いてください",
  en: "At AWS write it like `region: ap-northeast-1` (Tokyo). Another service needs its endpoint, and the region that it names",
};
