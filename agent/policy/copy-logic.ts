import { meantType } from "./copy-type.ts";
import { finding } from "./issues.ts";
import { keysUnder } from "./keys.ts";
import type { Advice, Finding, Path } from "./mistakes.ts";
import { nearest } from "./nearest.ts";
import type { CopyType } from "./policy.ts";
import { s3Findings } from "./s3-logic.ts";
import { isGroup, namesIn, valueAt } from "./value-at.ts";

type Entry = Readonly<Record<string, unknown>>;

/** An advice at a key of a copy. */
export interface AtKey extends Advice {
  readonly key: string;
}

/** What no single key of a copy shows. */
export function copyFindings(raw: unknown): Finding[] {
  return namesIn(raw, "copies").flatMap((name) => {
    const path: Path = ["copies", name];
    const entry = valueAt(raw, path);
    if (!isGroup(entry)) return [];
    const known = keysUnder(path, raw);
    const misspelt = Object.keys(entry).filter((key) => !known.includes(key));
    const meant = new Set(misspelt.map((key) => nearest(key, known)));
    return [...BY_TYPE[meantType(entry)](entry), ...emptyLimit(entry)]
      .filter(({ key }) => !meant.has(key))
      .map(({ key, ...advice }) =>
        finding([...path, key], entry[key] === undefined ? "key" : "value", advice, raw),
      );
  });
}

const BY_TYPE: Readonly<Record<CopyType, (entry: Entry) => AtKey[]>> = {
  local: localFindings,
  rclone: () => [],
  rest: restFindings,
  s3: s3Findings,
};

function localFindings(entry: Entry): AtKey[] {
  const { path, disks, rotates, "made-by": made, "password-file": password } = entry;
  const found: AtKey[] = [];
  if (path === undefined && disks === undefined)
    found.push({ key: "path", what: { ja: "path がありません", en: "path is missing" } });
  else if (path !== undefined && disks !== undefined) found.push(EITHER);
  if (disks !== undefined && made !== undefined) found.push(ONE_FOLDER);
  else if (disks !== undefined && rotates === undefined) found.push(TURNS);
  if ((made === undefined) !== (password === undefined)) {
    const [there, missing] = made ? ["made-by", "password-file"] : ["password-file", "made-by"];
    found.push({
      key: missing,
      what: {
        ja: `${there} があるのに ${missing} がありません`,
        en: `${there} is there but ${missing} is missing`,
      },
    });
  }
  return found;
}

function restFindings({ user, "password-file": password }: Entry): AtKey[] {
  return user !== undefined && password === undefined
    ? [
        {
          key: "password-file",
          what: {
            ja: "user があるのに password-file がありません",
            en: "user is there but password-file is missing",
          },
        },
      ]
    : [];
}

function emptyLimit({ limit }: Entry): AtKey[] {
  if (!isGroup(limit) || Object.keys(limit).length > 0) return [];
  return [{ key: "limit", what: { ja: "limit が空です", en: "limit says nothing" } }];
}

const EITHER: AtKey = {
  key: "disks",
  what: {
    ja: "path と disks の両方が書かれています",
    en: "both path and disks are given",
  },
  next: {
    ja: "交代で持ち出すディスクが何台かあるなら disks だけを、そうでなければ path だけを残してください",
    en: "For several disks that take turns keep disks alone, otherwise path alone",
  },
};

const ONE_FOLDER: AtKey = {
  key: "disks",
  what: {
    ja: "restic の保管庫（made-by: restic）に disks は使えません",
    en: "a repository made by restic cannot have disks",
  },
  next: {
    ja: "disks の代わりに path を書いてください",
    en: "Give its path instead",
  },
};

const TURNS: AtKey = {
  key: "rotates",
  what: {
    ja: "disks があるのに rotates がありません（どのディスクも、持ち出されている間があるため）",
    en: "disks are given without rotates, though each of them is away at times",
  },
};
