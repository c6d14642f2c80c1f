import type { Words } from "../base/words.ts";
import { homesOf, keysUnder } from "./keys.ts";
import { isLaterKey, laterKeyAdvice } from "./later.ts";
import { type Advice, type Path, show } from "./mistakes.ts";
import { nearest } from "./nearest.ts";

/** A key that cannot stand under `parent`: what it was probably meant to be. */
export function unknownKey(parent: Path, key: string): Advice {
  if (isLaterKey(key)) return laterKeyAdvice(key);
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
  const known = keysUnder(parent);
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
