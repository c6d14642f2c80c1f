import type { Words } from "../base/words.ts";
import { meantType } from "./copy-type.ts";
import { homesOf, keysUnder, typesWith } from "./keys.ts";
import { isLaterKey, laterKeyAdvice } from "./later.ts";
import { type Advice, type Path, show } from "./mistakes.ts";
import { nearest } from "./nearest.ts";
import type { CopyType } from "./policy.ts";
import { isSecretKey, secretKeyAdvice } from "./secrets.ts";
import { valueAt } from "./value-at.ts";

/** A key that cannot stand under `parent` of the file `raw`: what it was probably meant to be. */
export function unknownKey(parent: Path, key: string, raw: unknown): Advice {
  if (isLaterKey(key)) return laterKeyAdvice(key);
  if (isSecretKey(key)) return secretKeyAdvice(show(key));
  const what = { ja: `${show(key)} という項目はありません`, en: `there is no key "${show(key)}"` };
  if (parent[0] === "waive" && key === "R1")
    return {
      what: {
        ja: "R1（写し 3 つ以上）は省けません",
        en: "R1 (three copies or more) cannot be waived",
      },
      next: {
        ja: "この行を消してください。お試しなら、いちばん外側に「demo: true」と書きます",
        en: "Remove the line. For trying out, write `demo: true` at the top level",
      },
    };
  const isCopy = parent[0] === "copies" && parent.length === 2;
  const types = isCopy ? typesWith(key) : [];
  if (types.length > 0) return ofOtherTypes(key, types, meantType(valueAt(raw, parent)));
  if (parent.at(-1) === "credentials" && ["profile", "file"].includes(key)) return ONE_SOURCE;
  const known = keysUnder(parent, raw);
  const near = nearest(key, known);
  if (near !== undefined)
    return {
      what,
      next: {
        ja: `${near}: の書き間違いなら直してください`,
        en: `If you meant ${near}: write that`,
      },
    };
  const homes = homesOf(key);
  if (homes.length > 0) return { what: misplaced(key), next: moveTo(key, homes) };
  return {
    what,
    next: {
      ja: `この行を消してください。ここに書ける項目は ${known.join("、")} です`,
      en: `Remove it. The keys that can stand here are ${known.join(", ")}`,
    },
  };
}

function ofOtherTypes(key: string, types: readonly CopyType[], type: CopyType): Advice {
  return {
    what: {
      ja: `${key} は、type: ${type} の写しには書けません`,
      en: `${key} cannot stand in a copy of type ${type}`,
    },
    next: {
      ja: `${key} があるのは type: ${types.join("、")} の写しです。この行を消すか、type を直してください`,
      en: `It belongs to copies of type ${types.join(", ")}. Remove it, or correct the type`,
    },
  };
}

const ONE_SOURCE: Advice = {
  what: {
    ja: "アクセスキーのありかが 2 つ書かれています",
    en: "two places of the access keys are given",
  },
  next: {
    ja: "profile か file のどちらか 1 つを残してください",
    en: "Keep either profile or file",
  },
};

function misplaced(key: string): Words {
  return { ja: `${key} を書く場所が違います`, en: `${key} does not belong here` };
}

function moveTo(key: string, homes: readonly string[]): Words {
  const places = homes.map((home) => (home === "" ? TOP : under(home.replace("*", "NAME"))));
  return {
    ja: `${key}: を書くのは${places.map(({ ja }) => ja).join("か")}です。行の先頭の空白（字下げ）を確かめてください`,
    en: `Write ${key}: ${places.map(({ en }) => en).join(" or ")}. Check the spaces at the beginning of the line`,
  };
}

const TOP: Words = { ja: "いちばん外側（字下げなし）", en: "at the top level, not indented" };

function under(home: string): Words {
  return { ja: ` ${home}: の下`, en: `under ${home}:` };
}
