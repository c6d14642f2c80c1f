import { readFile, stat } from "node:fs/promises";
import { errnoOf, Fault } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";
import type { S3Credentials } from "./options.ts";

/** What signs requests. Held by the client only. */
export interface S3Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The credentials that mikura reads itself; undefined for a profile, which the SDK reads.
 * Throws Fault key-missing, key-unsafe or key-wrong; no message holds any of what was read.
 */
export async function readCredentials(
  source: S3Credentials,
  env: Readonly<Record<string, string | undefined>>,
): Promise<S3Identity | undefined> {
  if (source === "env") return identity(env, VARIABLES) ?? missing(NO_VARIABLES);
  if ("profile" in source) return undefined;
  const { file } = source;
  return identity(fieldsOf(await readSafely(file)), FIELDS) ?? missing(noFields(file), "key-wrong");
}

interface Names {
  readonly id: readonly string[];
  readonly secret: readonly string[];
  readonly token: readonly string[];
}

const VARIABLES: Names = {
  id: ["AWS_ACCESS_KEY_ID"],
  secret: ["AWS_SECRET_ACCESS_KEY"],
  token: ["AWS_SESSION_TOKEN"],
};

/** As ~/.aws/credentials writes them, and as AWS's own JSON answers do. */
const FIELDS: Names = {
  id: ["aws_access_key_id", "AccessKeyId", "accessKeyId"],
  secret: ["aws_secret_access_key", "SecretAccessKey", "secretAccessKey"],
  token: ["aws_session_token", "SessionToken", "sessionToken"],
};

function identity(
  from: Readonly<Record<string, string | undefined>>,
  names: Names,
): S3Identity | undefined {
  const first = (of: readonly string[]): string | undefined =>
    of.map((name) => from[name]?.trim()).find(Boolean);
  const accessKeyId = first(names.id);
  const secretAccessKey = first(names.secret);
  const sessionToken = first(names.token);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** A JSON object, or lines "name = value" with or without one [section] above them. */
function fieldsOf(text: string): Record<string, string> {
  const plain = text.replace(/^\uFEFF/, "");
  if (plain.trimStart().startsWith("{")) return jsonFields(plain);
  const lines = plain.split(/\r?\n/).map((line) => /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line));
  // The first section counts: what comes after it is another identity.
  return Object.fromEntries(lines.map((match) => [match?.[1] ?? "", match?.[2] ?? ""]).reverse());
}

function jsonFields(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text);
    const fields = Object.entries(value ?? {});
    return Object.fromEntries(fields.filter(([, field]) => typeof field === "string"));
  } catch {
    return {}; // the parser's message would show a part of the file
  }
}

async function readSafely(file: string): Promise<string> {
  let text: string;
  let mode: number;
  try {
    [mode, text] = [(await stat(file)).mode, await readFile(file, "utf8")];
  } catch (cause) {
    throw new Fault("key-missing", {
      exit: errnoOf(cause) === "ENOENT" ? 2 : 1,
      what: {
        ja: `認証情報のファイル ${file} がない、または読めません`,
        en: `The credentials file ${file} is missing or cannot be read`,
      },
      next: {
        ja: "サービスの管理画面でアクセスキーを作り、このファイルに書いて chmod 600 を実行してください",
        en: "Make an access key in the service's console, write it into this file, and run chmod 600 on it",
      },
      cause,
    });
  }
  if ((mode & 0o077) === 0) return text;
  throw new Fault("key-unsafe", {
    exit: 2,
    what: {
      ja: `認証情報のファイル ${file} をほかの利用者が読めます`,
      en: `The credentials file ${file} can be read by other users`,
    },
    next: { ja: `chmod 600 ${file} を実行してください`, en: `Run: chmod 600 ${file}` },
  });
}

const NO_VARIABLES: Words = {
  ja: "環境変数 AWS_ACCESS_KEY_ID と AWS_SECRET_ACCESS_KEY がありません",
  en: "The environment lacks AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};

function noFields(file: string): Words {
  return {
    ja: `ファイル ${file} に aws_access_key_id と aws_secret_access_key がありません`,
    en: `The file ${file} lacks aws_access_key_id and aws_secret_access_key`,
  };
}

function missing(what: Words, code: "key-missing" | "key-wrong" = "key-missing"): never {
  throw new Fault(code, {
    exit: 2,
    what,
    next: {
      ja: "サービスの管理画面で作ったアクセスキーを、方針書の credentials が示すところに置いてください",
      en: "Put the access key that the service's console made where credentials in the policy points",
    },
  });
}
