import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { correctLine, schemaAt } from "./keys.ts";
import { dotted, type Finding, type Path, type Placed, show } from "./mistakes.ts";
import { isSecretKey } from "./secrets.ts";
import { SpotMap } from "./spots.ts";
import { type Problem, syntaxProblem } from "./syntax.ts";

/** A policy text as plain data, and where in the text each part of it stands. */
export interface PolicyDocument {
  /** Maps, lists, texts, numbers, true, false and null; undefined where the text is no YAML. */
  readonly raw: unknown;
  /** What is wrong with the text as YAML, one for a line. */
  readonly problems: readonly Placed[];
  readonly place: (finding: Finding) => Placed;
  /** Dotted key that stands on a line; `name` chooses among several. Empty where there is none. */
  readonly keyOn: (line: number, name?: string) => string;
}

/** Reads YAML without its riddles: no anchors, no tags, no keys that are lists. */
export function openDocument(text: string): PolicyDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false, // `take` finds them, in linear time and with both lines
    logLevel: "error", // "silent" would also silence a second document in the file
  });
  const where = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const spots = new SpotMap((offset) => where(offset).line);
  const problems: Placed[] = [];
  const report = (offset: number, path: Path, problem: Problem): void => {
    problems.push({ ...where(offset), key: dotted(path), ...problem });
  };

  const take = (node: unknown, path: Path): unknown => {
    if (isAlias(node)) {
      const value = UNQUOTED.exec(text.slice(startOf(node)))?.[0] ?? "";
      report(startOf(node), path, unquoted(value, path));
      return value;
    }
    if (isSeq(node))
      return node.items.map((item, index) => {
        const here = [...path, index];
        spots.add({ path: here, key: startOf(item), value: startOf(item) });
        return take(item, here);
      });
    if (!isMap(node)) return isScalar(node) ? node.value : null;
    const map = {};
    for (const { key, value } of node.items) {
      const name = nameOf(key);
      if (name === undefined) {
        report(startOf(key), path, ODD_KEY);
        continue;
      }
      const here = [...path, name];
      if (Object.hasOwn(map, name)) report(startOf(key), here, twice(name));
      const inline =
        (isScalar(value) && value.value !== null) || (isCollection(value) && value.flow);
      spots.add({ path: here, key: startOf(key), value: startOf(inline ? value : key) });
      // Not by assignment: a key called __proto__ has to be seen, and refused.
      Object.defineProperty(map, name, {
        value: take(value, here),
        enumerable: true,
        configurable: true,
      });
    }
    return map;
  };
  const raw = take(document.contents, []);

  const sources = text.split("\n");
  const told = new Set(problems.map(({ line }) => line));
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    const { line, column } = where(pos[0]);
    if (told.has(line)) continue; // one slip makes the parser stumble several times
    told.add(line);
    const here = spots.onLine(line)?.path ?? [];
    // Broken YAML gives odd keys, such as two lines in one.
    const key = schemaAt(here, raw) ? dotted(here) : "";
    problems.push({ line, column, key, ...syntaxProblem(code, sources[line - 1] ?? "") });
  }
  const place = ({ path, at, what, next }: Finding): Placed => {
    const spot = spots.nearest(path);
    const offset = spot === undefined ? 0 : at === "value" ? spot.value : spot.key;
    return { ...where(offset), key: dotted(path), what, next };
  };
  return {
    raw: document.errors.length > 0 ? undefined : raw,
    problems,
    place,
    keyOn: (line, name) => dotted(spots.onLine(line, name)?.path ?? []),
  };
}

// From a * to the end of what was meant as one value: *.tmp, or a schedule that begins with *.
const UNQUOTED = /^[^\n\]}]*?(?=\s*(?:,\s|[\]}\n]|#|$))/u;

function startOf(node: unknown): number {
  return (isAlias(node) || isScalar(node) || isCollection(node) ? node.range?.[0] : undefined) ?? 0;
}

/** A key as text; undefined where it is no word. Of a number (2024:) it is what stands in the file. */
function nameOf(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === "string" ? key.value : key.source;
}

function unquoted(value: string, path: Path): Problem {
  const line = correctLine(path, value);
  const shown = isSecretKey(String(path.at(-1))) ? "*…" : show(value);
  return {
    what: {
      ja: `「${shown}」のように * で始まる値は、引用符で囲まないと読めません`,
      en: `"${shown}" begins with * and cannot be read without quotes`,
    },
    next: { ja: `「${line}」と書いてください`, en: `Write \`${line}\`` },
  };
}

function twice(name: string): Problem {
  return {
    what: { ja: `${show(name)} が 2 回書かれています`, en: `${show(name)} is written twice` },
    next: {
      ja: "どちらか 1 つを消してください。別のものなら名前を変えます",
      en: "Remove one of them, or rename it if they are two things",
    },
  };
}

const ODD_KEY: Problem = {
  what: { ja: "項目の名前が読めません", en: "the name of a key cannot be read" },
  next: {
    ja: "「項目: 値」の形に直してください",
    en: "Write it in the form `key: value`",
  },
};
