import { Fault } from "../base/fault.ts";
import type { ListedKind, Store } from "./store.ts";

/** How many objects are asked for at the same time. */
const AT_ONCE = 8;

/** So many tell whether a listing is worth a second look. */
const SAMPLE = 100;

export interface Expectation {
  /** The copy's name in the policy, for messages. */
  readonly copy: string;
  readonly kind: ListedKind;
  /** What the copy is known to hold, by name: bytes. Not what it is still owed. */
  readonly expected: ReadonlyMap<string, number>;
}

/**
 * What a copy holds of one kind, by name: bytes. An empty or shrunken listing is a fault, not a fact
 * (promise 3): where an expected object is not in it, or has another length, the object itself is
 * asked for and the listing made once more. What two listings and `size` agree on is a fact, also
 * that everything is gone. A second listing that holds all that is expected is believed.
 *
 * @throws Fault copy-failed where they do not agree, and whatever the store throws
 */
export async function believedListing(
  store: Store,
  { copy, kind, expected }: Expectation,
): Promise<Map<string, number>> {
  const first = await listing(store, kind);
  const doubtful = differing(first, expected);
  if (doubtful.length === 0) return first;

  const answers = new Map<string, number | undefined>();
  // A listing that is wrong about many is found out by a few, spread over all names.
  await contradiction(store, kind, first, { names: spread(doubtful, SAMPLE), answers });
  const second = await listing(store, kind);
  const names = differing(second, expected);

  const contradicted =
    names.find((name) => first.get(name) !== second.get(name)) ??
    (await contradiction(store, kind, second, { names, answers }));
  if (contradicted === undefined) return second;
  throw unbelievable(copy, `${kind}/${contradicted}`, names.length);
}

async function listing(store: Store, kind: ListedKind): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const { name, size } of store.list(kind)) found.set(name, size);
  return found;
}

function differing(
  listed: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, number>,
): string[] {
  return [...expected].flatMap(([name, size]) => (listed.get(name) === size ? [] : [name]));
}

/**
 * An object of which `size` says something else than the listing, or undefined where there is none.
 * Stops at the first. `answers` are kept, so that nothing is asked twice.
 */
async function contradiction(
  store: Store,
  kind: ListedKind,
  listed: ReadonlyMap<string, number>,
  { names, answers }: { names: readonly string[]; answers: Map<string, number | undefined> },
): Promise<string | undefined> {
  let found: string | undefined;
  let next = 0;
  const stop = (): void => {
    next = names.length;
  };
  const ask = async (): Promise<void> => {
    while (next < names.length) {
      const name = names[next++]!;
      if (!answers.has(name)) answers.set(name, await store.size({ kind, name }));
      if (answers.get(name) === listed.get(name)) continue;
      found = name;
      stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
  } finally {
    stop(); // where one failed, the others go no further
  }
  return found;
}

/** At most `count` of the names, evenly over their order. */
function spread(names: readonly string[], count: number): string[] {
  if (names.length <= count) return [...names];
  const sorted = names.toSorted();
  return Array.from({ length: count }, (_, n) => sorted[Math.floor((n * names.length) / count)]!);
}

function unbelievable(copy: string, object: string, count: number): Fault {
  return new Fault("copy-failed", {
    what: {
      ja: `写し「${copy}」の一覧を信じられません：あるはずの ${count} 件が欠けているか大きさが違い、問い合わせるたびに答えが変わります（${object} など）`,
      en: `The listing of copy "${copy}" cannot be believed: ${count} objects that must be there are missing from it or have another size, and each way of asking gives another answer (for example ${object})`,
    },
    next: {
      ja: "この写しには何も送らず、何も消していません。あとでもう一度実行し、繰り返すなら、置き場所のサービスや機器を調べてください",
      en: "Nothing was sent to this copy or removed from it. Run it again later; if it happens again, have the service or device looked at",
    },
    transient: true,
  });
}
