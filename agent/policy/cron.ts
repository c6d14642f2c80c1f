import { type Advice, show } from "./mistakes.ts";

interface Field {
  readonly ja: string;
  readonly en: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { ja: "分", en: "minute", min: 0, max: 59 },
  { ja: "時", en: "hour", min: 0, max: 23 },
  { ja: "日", en: "day", min: 1, max: 31 },
  {
    ja: "月",
    en: "month",
    min: 1,
    max: 12,
    names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
  },
  { ja: "曜日", en: "weekday", min: 0, max: 7, names: "sun mon tue wed thu fri sat".split(" ") },
];

const SHAPE = {
  ja: "「分 時 日 月 曜日」の 5 つを半角の空白で区切って書いてください。例：平日の 12 時と 19 時は 0 12,19 * * 1-5、毎月 1 日の 4 時は 0 4 1 * *",
  en: "Write five fields, `minute hour day month weekday`, with spaces between. For example 0 12,19 * * 1-5 (weekdays at 12:00 and 19:00) or 0 4 1 * * (the 1st of each month at 4:00)",
};

/** What is wrong with a schedule of five cron fields, or undefined where nothing is. */
export function cronAdvice(text: string): Advice | undefined {
  const clock = /^(\d{1,2})[:：](\d{2})$/.exec(text.normalize("NFKC").trim());
  if (clock && Number(clock[1]) < 24 && Number(clock[2]) < 60)
    return { what: unreadable(text), fix: `${Number(clock[2])} ${Number(clock[1])} * * *` };

  const parts = text.split(" ").filter((part) => part !== "");
  if (parts.length !== FIELDS.length) {
    const normal = text.normalize("NFKC");
    if (normal !== text && cronAdvice(normal) === undefined)
      return { what: unreadable(text), fix: normal };
    return {
      what: {
        ja: `予定「${show(text)}」は 5 つの欄に分かれていません（${parts.length} つです）`,
        en: `the schedule "${show(text)}" has ${parts.length} fields instead of five`,
      },
      next: SHAPE,
    };
  }
  const values = parts.map((part, index) => valuesOf(part, FIELDS[index] as Field));
  const wrong = values.indexOf(undefined);
  if (wrong !== -1) {
    const { ja, en, min, max } = FIELDS[wrong] as Field;
    const part = show(parts[wrong]);
    return {
      what: {
        ja: `予定の「${ja}」の欄「${part}」が読めません（${min} から ${max} までの数、または *）`,
        en: `the ${en} field "${part}" of the schedule cannot be read (numbers from ${min} to ${max}, or *)`,
      },
      next: SHAPE,
    };
  }
  return neverComes(parts, values) ? { what: never(text), next: SHAPE } : undefined;
}

/** Numbers that a field stands for, or undefined where it is no field. */
function valuesOf(text: string, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const item of text.toLowerCase().split(",")) {
    const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(item);
    if (!match) return undefined;
    const [, first, last, step] = match;
    // `5/10` is read differently by different programs, so only `*/10` and `5-59/10` are taken.
    if (step !== undefined && first !== undefined && last === undefined) return undefined;
    const from = first === undefined ? field.min : numberOf(first, field);
    const to =
      last === undefined ? (first === undefined ? field.max : from) : numberOf(last, field);
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || from > to || by === 0) return undefined;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}

function numberOf(word: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(word) ?? -1;
  const value = named === -1 ? (/^\d{1,2}$/.test(word) ? Number(word) : Number.NaN) : named + min;
  return value >= min && value <= max ? value : undefined;
}

const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** "0 4 30 2 *": a drill on 30 February would simply never run. */
function neverComes(
  parts: readonly string[],
  values: readonly (ReadonlySet<number> | undefined)[],
): boolean {
  const [, , days = new Set<number>(), months = new Set<number>()] = values;
  if (parts[4] !== "*") return false; // a weekday is an alternative to the day, not a further condition
  return ![...months].some((month) => [...days].some((day) => day <= (LONGEST[month - 1] ?? 0)));
}

function unreadable(text: string): { ja: string; en: string } {
  return {
    ja: `予定「${show(text)}」が読めません`,
    en: `the schedule "${show(text)}" cannot be read`,
  };
}

function never(text: string): { ja: string; en: string } {
  return {
    ja: `予定「${show(text)}」の日は、暦に一度も来ません`,
    en: `the schedule "${show(text)}" names a day that never comes`,
  };
}
