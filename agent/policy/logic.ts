import type { Words } from "../base/words.ts";
import { copyFindings } from "./copy-logic.ts";
import { finding } from "./issues.ts";
import type { Finding } from "./mistakes.ts";
import { overlaps } from "./overlaps.ts";
import { upwardAdvice } from "./paths.ts";
import { placesOf } from "./places.ts";
import { remotePlacesOf } from "./remote-places.ts";
import { pastedSecrets } from "./secrets-in.ts";
import { nameAdvice } from "./text.ts";
import { isGroup, namesIn, valueAt } from "./value-at.ts";

/**
 * The second pass: what no single value shows. It takes the file as read, not as accepted, so that
 * one mistake does not hide the others. `folder`: absolute, where the policy file lies.
 */
export function logicalFindings(raw: unknown, folder: string): Finding[] {
  const places = placesOf(raw, folder);
  const demo = valueAt(raw, ["demo"]) === true;
  const upward = places.flatMap(({ path, text }) => {
    // The demonstration moves together with its data, so there it may point upwards.
    const advice = demo ? undefined : upwardAdvice(text, folder);
    return advice ? [finding(path, "value", advice, raw)] : [];
  });
  return [
    ...badNames(raw),
    ...upward,
    ...overlaps([...places, ...remotePlacesOf(raw, folder)]),
    ...copyFindings(raw),
    ...pastedSecrets(raw),
    ...tooFew(raw, demo),
    ...keepsNothing(raw),
  ];
}

function badNames(raw: unknown): Finding[] {
  return (["datasets", "copies"] as const).flatMap((group) =>
    namesIn(raw, group).flatMap((name) => {
      const advice = nameAdvice(name);
      return advice ? [finding([group, name], "key", advice, raw)] : [];
    }),
  );
}

/** R1 by count; whether the places really differ is for the facts (rules.ts). */
function tooFew(raw: unknown, demo: boolean): Finding[] {
  const findings: Finding[] = [];
  if (isGroup(valueAt(raw, ["datasets"])) && namesIn(raw, "datasets").length === 0)
    findings.push(finding(["datasets"], "key", { what: NO_DATASET }, raw));
  const names = namesIn(raw, "copies");
  const counted = names.filter((name) => isCounted(raw, name)).length;
  const needed = demo ? 1 : 3;
  if (isGroup(valueAt(raw, ["copies"])) && counted < needed)
    findings.push(
      finding(
        ["copies"],
        "key",
        { what: fewCopies(counted, needed, names.length), next: ADD_COPY },
        raw,
      ),
    );
  return findings;
}

function isCounted(raw: unknown, name: string): boolean {
  return valueAt(raw, ["copies", name, "made-by"]) === undefined;
}

function fewCopies(counted: number, needed: number, written: number): Words {
  const others = written - counted;
  return {
    ja: `写しが ${counted} つです。${needed} つ以上要ります${others > 0 ? `（restic のもの ${others} つは数えません）` : ""}`,
    en: `${counted === 1 ? "there is 1 copy" : `there are ${counted} copies`}, but ${needed} or more are needed${others > 0 ? ` (not counting ${others} made by restic)` : ""}`,
  };
}

const ADD_COPY: Words = {
  ja: "別の機器に置く写しを足してください。例：「home: { type: local, path: /media/usb/mikura, site: 社長宅, medium: usb-disk }」。試すだけなら、いちばん外側に「demo: true」と書きます",
  en: "Add a copy on another device, such as `home: { type: local, path: /media/usb/mikura, site: home, medium: usb-disk }`; only for trying out, write `demo: true` at the top level",
};

const NO_DATASET: Words = {
  ja: "datasets に業務データが 1 つもありません",
  en: "datasets names no data",
};

/** Retention that keeps nothing would let prune remove every snapshot. */
function keepsNothing(raw: unknown): Finding[] {
  const counts = ["daily", "weekly", "monthly", "yearly"].map((period) =>
    valueAt(raw, ["retention", period]),
  );
  if (counts.some((count) => count !== 0)) return [];
  const what = {
    ja: "残す数がすべて 0 で、世代が 1 つも残りません",
    en: "all counts are 0, so no snapshot would be kept",
  };
  return [finding(["retention"], "key", { what }, raw)];
}
