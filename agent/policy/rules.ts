import type { Words } from "../base/words.ts";
import type { Rule, WaivableRule, Waivers } from "./policy.ts";

/** What was found out about one counted copy (not one that restic made). */
export interface CopyFacts {
  readonly name: string;
  readonly site: string;
  readonly medium: string;
  readonly type: string;
  /**
   * The thing it is on (device, server, bucket or account); equal ids are one thing. Undefined where it cannot be
   * told now. For a disk that is away by plan, the id that the ledger saw last may be given.
   */
  readonly place: { readonly id: string } | undefined;
  /** Whether reading it takes the Internet. Undefined: cannot be told, as of a server's bare name. */
  readonly needsInternet: boolean | undefined;
  /**
   * Against the agent's own credentials. `claimed`: the policy says so (a disk that rotates, Object
   * Lock, an append-only server), and nothing has shown it yet. Of disks: see `undeletableNow`.
   */
  readonly undeletable: "proved" | "claimed" | "no";
}

export interface OriginalFacts {
  readonly site: string;
  /** Ids of the places where the datasets' folders are. */
  readonly places: readonly string[];
}

export interface RuleVerdict {
  readonly rule: Rule;
  /** Undefined: cannot be told now. It counts as unmet wherever something must be green. */
  readonly met: boolean | undefined;
  /** The owner's written reason, where the rule is not met. */
  readonly waived?: string;
  readonly detail: Words;
}

/** Only absence protects a local disk: a rotating one that is connected now can be wiped now. */
export function undeletableNow(rotates: boolean, present: boolean): CopyFacts["undeletable"] {
  if (!rotates) return "no";
  return present ? "claimed" : "proved";
}

/** The rules of three copies, R1 to R5 in order, judged by facts alone. */
export function judgeRules(
  copies: readonly CopyFacts[],
  original: OriginalFacts,
  waivers: Waivers,
): readonly RuleVerdict[] {
  const away = copies.filter((copy) => isElsewhere(copy, copies, original));
  const readable = away.filter((copy) => copy.needsInternet !== true);
  const waive = (verdict: RuleVerdict & { readonly rule: WaivableRule }): RuleVerdict => {
    const reason = verdict.met === true ? undefined : waivers[verdict.rule];
    return reason === undefined ? verdict : { ...verdict, waived: reason };
  };
  return [
    places(copies, original),
    waive(media(copies)),
    waive({ rule: "R3", ...atLeastOne(away, ANOTHER_SITE) }),
    waive({ rule: "R4", ...atLeastOne(readable, OFFLINE) }),
    waive(undeletable(copies)),
  ];
}

function places(copies: readonly CopyFacts[], original: OriginalFacts): RuleVerdict {
  const byPlace = Map.groupBy(copies, ({ place }) => place?.id);
  const unknown = byPlace.get(undefined) ?? [];
  byPlace.delete(undefined);
  const met = enough(byPlace.size, byPlace.size + unknown.length, 3);
  const shared = [...byPlace.values()].filter((group) => group.length > 1);
  const beside = copies.filter(({ place }) => place && original.places.includes(place.id));
  const notes: Words[] = [
    {
      ja: `別々の機器にあると確かめられた写し：${copies.length} つのうち ${byPlace.size} つ`,
      en: `copies known to be on separate devices: ${byPlace.size} of ${copies.length}`,
    },
  ];
  for (const group of shared)
    notes.push({
      ja: `${names(group)} は同じ機器にあります`,
      en: `${names(group)} share one device`,
    });
  if (unknown.length > 0)
    notes.push({
      ja: `${names(unknown)} は、いま届かないため数えていません`,
      en: `not counted because out of reach now: ${names(unknown)}`,
    });
  if (beside.length > 0)
    notes.push({
      ja: `注意：${names(beside)} は元のデータと同じ機器にあり、その機器が壊れると一緒に失われます`,
      en: `beware: on the same device as the original data, and lost together with it: ${names(beside)}`,
    });
  return { rule: "R1", met, detail: joined(notes) };
}

function media(copies: readonly CopyFacts[]): RuleVerdict & { readonly rule: "R2" } {
  // One device is of one kind, whatever two copies on it say they are.
  const sure = new Map<string, string>();
  for (const { place, medium } of copies)
    if (place && !sure.has(place.id)) sure.set(place.id, medium);
  const known = new Set(sure.values());
  const possible = new Set([
    ...known,
    ...copies.filter(({ place }) => !place).map(({ medium }) => medium),
  ]);
  const kinds = [...known].join("、");
  return {
    rule: "R2",
    met: enough(known.size, possible.size, 2),
    detail: {
      ja: `確かめられた媒体：${known.size} 種類${kinds && `（${kinds}）`}`,
      en: `kinds of medium confirmed: ${known.size}${kinds && ` (${kinds.replaceAll("、", ", ")})`}`,
    },
  };
}

function isElsewhere(
  copy: CopyFacts,
  copies: readonly CopyFacts[],
  original: OriginalFacts,
): boolean {
  if (copy.site === original.site) return false;
  const id = copy.place?.id;
  if (id === undefined) return true;
  // A device is at one site: what shares it with the original, or with a copy kept there, is there too.
  const atHome = copies.some(({ site, place }) => site === original.site && place?.id === id);
  return !atHome && !original.places.includes(id);
}

/** `candidates`: all that may do; those in reach are sure to, unless `is.unsure` says otherwise. */
function atLeastOne(candidates: readonly CopyFacts[], is: Quality): Omit<RuleVerdict, "rule"> {
  const inReach = candidates.filter(({ place }) => place);
  const sure = inReach.filter((copy) => !is.unsure?.is(copy));
  if (sure.length > 0)
    return {
      met: true,
      detail: { ja: `${names(sure)} は、${is.said}`, en: `${names(sure)}: ${is.en}` },
    };
  if (is.unsure && inReach.length > 0)
    return {
      met: undefined,
      detail: {
        ja: `${names(inReach)} は、${is.unsure.ja}`,
        en: `${names(inReach)}: ${is.unsure.en}`,
      },
    };
  if (candidates.length > 0)
    return {
      met: undefined,
      detail: {
        ja: `${names(candidates)} にいま届かないため、確かめられません`,
        en: `cannot be told now: ${names(candidates)} out of reach`,
      },
    };
  return { met: false, detail: { ja: `${is.ja}写しがありません`, en: `no copy is ${is.en}` } };
}

/** What a rule asks of one copy; `ja` stands before the word for copy, `said` ends a sentence. */
interface Quality extends Words {
  readonly said: string;
  readonly unsure?: Words & { readonly is: (copy: CopyFacts) => boolean };
}
const ANOTHER_SITE: Quality = {
  ja: "別の拠点にある",
  said: "別の拠点にあります",
  en: "at another site",
};
const OFFLINE: Quality = {
  ja: "別の拠点にあり、インターネットなしで読める",
  said: "別の拠点にあり、インターネットなしで読めます",
  en: "at another site and readable without the Internet",
  unsure: {
    is: ({ needsInternet }) => needsInternet === undefined,
    ja: "インターネットなしで読めるかどうか、確かめられません",
    en: "cannot be told whether it is readable without the Internet",
  },
};

function undeletable(copies: readonly CopyFacts[]): RuleVerdict & { readonly rule: "R5" } {
  const proved = copies.filter(({ undeletable }) => undeletable === "proved");
  const claimed = copies.filter(({ undeletable }) => undeletable === "claimed");
  const connected = claimed.filter(({ type }) => type === "local");
  const detail: Words =
    proved.length > 0
      ? {
          ja: `${names(proved)} は、いまこの機械からは消せません`,
          en: `cannot be deleted from this machine now: ${names(proved)}`,
        }
      : connected.length > 0
        ? {
            ja: `${names(connected)} はつながったままです。外して持ち出せば、この機械からは消せなくなります`,
            en: `still connected: ${names(connected)}. Once taken away, it cannot be deleted from this machine`,
          }
        : claimed.length > 0
          ? {
              ja: `${names(claimed)} は、方針書では消せないはずですが、まだ試して確かめられていません`,
              en: `said to be undeletable, and not yet proved by trying: ${names(claimed)}`,
            }
          : {
              ja: "すべての写しを、この機械から消せてしまいます",
              en: "every copy can be deleted from this machine",
            };
  return { rule: "R5", met: proved.length > 0, detail };
}

function enough(sure: number, possible: number, needed: number): boolean | undefined {
  if (sure >= needed) return true;
  return possible >= needed ? undefined : false;
}

function names(copies: readonly CopyFacts[]): string {
  return copies.map(({ name }) => name).join(", ");
}

function joined(notes: readonly Words[]): Words {
  return { ja: notes.map(({ ja }) => ja).join("。"), en: notes.map(({ en }) => en).join("; ") };
}
