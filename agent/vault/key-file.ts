import { randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { Fault } from "../base/fault.ts";
import type { Words } from "../base/words.ts";
import { type Id, idOf } from "./ids.ts";
import { parseJsonObject } from "./json-object.ts";
import {
  MASTER_KEY_BYTES,
  type MasterKey,
  type RandomBytes,
  decodeBase64,
  decodeMasterKey,
  encodeMasterKey,
  masterKeyFromBytes,
} from "./master-key.ts";
import { formatTime } from "./rfc3339.ts";
import { open, seal } from "./seal.ts";

/** Work of scrypt (RFC 7914): memory grows with N·r, time with N·r·p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What restic itself uses on today's machines: 32 MiB and some tenths of a second per guess. */
export const RECOVERY_CODE_COST: ScryptCost = { N: 32_768, r: 8, p: 3 };

/** The agent key is 256 random bits: nobody guesses it however cheap a guess is, so opening is quick. */
export const AGENT_KEY_COST: ScryptCost = { N: 1024, r: 8, p: 1 };

// A key file comes from a copy, which may be hostile: without a limit it would be a memory bomb.
const MAX_MEMORY = 256 * 1024 * 1024;
const MAX_WORK = 2 ** 24; // N·r·p; restic's own is below 2^20
const MAX_FILE_BYTES = 64 * 1024;
const SALT_BYTES = 64;

export interface NewKeyFile {
  readonly password: string;
  readonly masterKey: MasterKey;
  readonly cost: ScryptCost;
  /** Wall clock, milliseconds. */
  readonly created: number;
  readonly username: string;
  readonly hostname: string;
  readonly random?: RandomBytes;
}

/** A file for `keys/`: the master key, sealed with a key drawn from the password. */
export async function makeKeyFile(wanted: NewKeyFile): Promise<{ name: Id; bytes: Buffer }> {
  const random = wanted.random ?? randomBytes;
  const { N, r, p } = wanted.cost;
  const salt = random(SALT_BYTES);
  const passwordKey = await deriveKey(wanted.password, salt, wanted.cost);
  // No one will see this: sixteen zeros in a row out of scrypt.
  if (!passwordKey) throw new Error("the password's key has a part that is all zero");
  const file = {
    created: formatTime(BigInt(wanted.created) * 1_000_000n),
    username: wanted.username,
    hostname: wanted.hostname,
    kdf: "scrypt",
    N,
    r,
    p,
    salt: salt.toString("base64"),
    data: seal(passwordKey, encodeMasterKey(wanted.masterKey), random).toString("base64"),
  };
  const bytes = Buffer.from(JSON.stringify(file), "utf8");
  return { name: idOf(bytes), bytes };
}

/**
 * The master key; undefined where the password does not fit this key file. Throws the fault
 * "key-damaged" where the file is no key file or asks for more work than any honest one.
 */
export async function unlockKeyFile(
  bytes: Uint8Array,
  password: string,
): Promise<MasterKey | undefined> {
  const { cost, salt, data } = parse(bytes);
  const passwordKey = await deriveKey(password, salt, cost);
  const plain = passwordKey && open(passwordKey, data);
  if (!plain) return undefined;
  const masterKey = decodeMasterKey(plain);
  if (!masterKey) throw damaged(NO_KEY_FILE);
  return masterKey;
}

function parse(bytes: Uint8Array): { cost: ScryptCost; salt: Buffer; data: Buffer } {
  const file = bytes.length <= MAX_FILE_BYTES ? parseJsonObject(bytes) : undefined;
  if (file?.["kdf"] !== "scrypt") throw damaged(NO_KEY_FILE);
  const cost = { N: file["N"], r: file["r"], p: file["p"] };
  if (!isSound(cost)) throw damaged(TOO_COSTLY);
  const salt = decodeBase64(file["salt"]);
  const data = decodeBase64(file["data"]);
  if (salt?.length !== SALT_BYTES || !data) throw damaged(NO_KEY_FILE);
  return { cost, salt, data };
}

function isSound(
  cost: Record<keyof ScryptCost, unknown>,
): cost is { N: number; r: number; p: number } {
  const { N, r, p } = cost;
  if (!isPositive(N) || !isPositive(r) || !isPositive(p)) return false;
  const isPowerOfTwo = N > 1 && Number.isInteger(Math.log2(N));
  return isPowerOfTwo && memoryOf({ N, r, p }) <= MAX_MEMORY && N * r * p <= MAX_WORK;
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** The table of 128·N·r bytes and the p blocks of 128·r. */
function memoryOf({ N, r, p }: ScryptCost): number {
  return 128 * r * (N + p);
}

const runScrypt = promisify<string, Buffer, number, object, Buffer>(scrypt);

async function deriveKey(
  password: string,
  salt: Buffer,
  cost: ScryptCost,
): Promise<MasterKey | undefined> {
  // Node's own limit of 32 MiB is too low even for N = 32768, r = 8.
  const maxmem = memoryOf(cost) + 1024 * 1024;
  const bytes = await runScrypt(password, salt, MASTER_KEY_BYTES, { ...cost, maxmem });
  return masterKeyFromBytes(bytes);
}

const NO_KEY_FILE: Words = {
  ja: "鍵ファイルの形をしていません",
  en: "it does not have the form of a key file",
};
const TOO_COSTLY: Words = {
  ja: "正しい鍵ファイルではありえない計算量を求めています",
  en: "it asks for an amount of work that no honest key file asks for",
};

function damaged(reason: Words): Fault {
  return new Fault("key-damaged", {
    what: {
      ja: `蔵の鍵ファイル（keys フォルダの中）が壊れているか、書き換えられています：${reason.ja}`,
      en: `A key file of the vault (in its folder "keys") is damaged or was tampered with: ${reason.en}`,
    },
    next: {
      ja: "別の写しの keys フォルダにある同じ名前のファイルと取り替えてください。この写しは信用せず、照合（verify）をかけてください",
      en: 'Replace it with the file of the same name in the folder "keys" of another copy, and do not trust this copy before it is verified',
    },
  });
}
