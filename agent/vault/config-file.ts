import { Fault } from "../base/fault.ts";
import type { Words } from "../base/words.ts";
import { type Id, isId } from "./ids.ts";
import { parseJsonObject } from "./json-object.ts";
import type { MasterKey, RandomBytes } from "./master-key.ts";
import { formatPolynomial, parsePolynomial, randomPolynomial } from "./polynomial.ts";
import { open, seal } from "./seal.ts";

/** What the file `config` holds: which vault this is, and in which form. */
export interface VaultConfig {
  /** Version of the repository format; 1 is read; new vaults have 2. */
  readonly version: 1 | 2;
  readonly id: Id;
  readonly polynomial: bigint;
}

export function newConfig(random: RandomBytes): VaultConfig {
  return { version: 2, id: random(32).toString("hex"), polynomial: randomPolynomial(random) };
}

/** Plain JSON, sealed: alone among the sealed files it has no version byte and is never compressed. */
export function sealConfig(key: MasterKey, config: VaultConfig, random?: RandomBytes): Buffer {
  const json = JSON.stringify({
    version: config.version,
    id: config.id,
    chunker_polynomial: formatPolynomial(config.polynomial),
  });
  return seal(key, Buffer.from(json, "utf8"), random);
}

/** Throws "object-damaged" or, for a version of the format that mikura does not know, "not-available". */
export function openConfig(key: MasterKey, sealed: Uint8Array): VaultConfig {
  const plain = open(key, sealed);
  if (!plain) throw damaged(NOT_OPENED);
  const config = parseJsonObject(plain);
  const version = config?.["version"];
  if (version !== 1 && version !== 2) throw strange(version);
  const id = config?.["id"];
  const polynomial = parsePolynomial(config?.["chunker_polynomial"]);
  if (!isId(id) || polynomial === undefined) throw damaged(MALFORMED);
  return { version, id, polynomial };
}

const NOT_OPENED: Words = {
  ja: "この蔵の鍵では開きません",
  en: "it does not open with this vault's key",
};
const MALFORMED: Words = { ja: "中身が正しくありません", en: "what it holds is malformed" };

function damaged(reason: Words): Fault {
  return new Fault("object-damaged", {
    what: {
      ja: `蔵の設定ファイル（config）が壊れているか、別の蔵のものです：${reason.ja}`,
      en: `The vault's file "config" is damaged or belongs to another vault: ${reason.en}`,
    },
    next: {
      ja: "別の写しの config ファイルと取り替えてください（すべての写しで同じ内容です）",
      en: 'Replace it with the file "config" of another copy (it is the same in every copy)',
    },
  });
}

function strange(version: unknown): Fault {
  if (typeof version !== "number") return damaged(MALFORMED);
  return new Fault("not-available", {
    what: {
      ja: `この蔵の形式（バージョン ${version}）は、この mikura では扱えません`,
      en: `This mikura does not know the vault's format (version ${version})`,
    },
    next: {
      ja: "mikura を新しい版に更新するか、restic で開いてください",
      en: "Update mikura, or open the vault with restic",
    },
  });
}
