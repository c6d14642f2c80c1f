import { stringify } from "yaml";
import type { Words } from "../base/words.ts";
import { meantType } from "./copy-type.ts";
import { type JsonSchema, policyJsonSchema, variantsOf } from "./json-schema.ts";
import type { Path } from "./mistakes.ts";
import { COPY_TYPES, type CopyType } from "./policy.ts";
import { withoutSecrets } from "./secrets.ts";
import { isGroup, valueAt } from "./value-at.ts";

const root: JsonSchema = policyJsonSchema();

/**
 * What the schema says of the place at `path`; undefined where it knows no such place. `raw`: the
 * file, which decides where a place may hold one of several kinds of things.
 */
export function schemaAt(path: Path, raw: unknown): JsonSchema | undefined {
  let node: JsonSchema | undefined = root;
  for (const [index, part] of path.entries())
    node = node && below(chosen(node, valueAt(raw, path.slice(0, index))), part);
  return node;
}

function below(node: JsonSchema, part: string | number): JsonSchema | undefined {
  if (typeof part === "number") return node.items;
  if (node.properties)
    return Object.hasOwn(node.properties, part) ? node.properties[part] : undefined;
  return node.additionalProperties || undefined;
}

/** The alternative that a value is, or was most likely meant to be. */
function chosen(node: JsonSchema, value: unknown): JsonSchema {
  const variants = variantsOf(node);
  if (variants.length === 0) return node;
  const type = meantType(value);
  const typed = variants.find(({ properties }) => properties?.["type"]?.const === type);
  if (typed) return typed;
  const keys = isGroup(value) ? Object.keys(value) : [];
  const fits = ({ properties }: JsonSchema): boolean =>
    keys.some((key) => Object.hasOwn(properties ?? {}, key));
  return variants.find(fits) ?? node;
}

/** Keys that may stand under `path`; none where the names there are free. */
export function keysUnder(path: Path, raw: unknown): readonly string[] {
  const node = schemaAt(path, raw);
  const variant = node && chosen(node, valueAt(raw, path));
  return variant ? namesOf(variant) : [];
}

/** Keys of a group; of one that may be of several kinds those of all. */
function namesOf(node: JsonSchema): string[] {
  const names = variantsOf(node).flatMap(namesOf);
  return [...new Set([...Object.keys(node.properties ?? {}), ...names])];
}

/** Types of copies that know `key`. */
export function typesWith(key: string): readonly CopyType[] {
  return COPY_TYPES.filter((type) =>
    keysUnder(["copies", "x"], { copies: { x: { type } } }).includes(key),
  );
}

/** Dotted places where `key` may stand, with * for a name: `["datasets.*"]`; [""] for the top. */
export function homesOf(key: string): readonly string[] {
  return [...new Set(HOMES.filter(({ keys }) => keys.includes(key)).map(({ home }) => home))];
}

/** Every key of the policy file, once. */
export function allKeys(): ReadonlySet<string> {
  return new Set(HOMES.flatMap(({ keys }) => keys));
}

const HOMES: readonly { readonly home: string; readonly keys: readonly string[] }[] = homes(
  root,
  [],
);

function homes(
  node: JsonSchema,
  at: readonly string[],
): { home: string; keys: readonly string[] }[] {
  const variants = variantsOf(node).flatMap((variant) => homes(variant, at));
  const named = node.additionalProperties ? homes(node.additionalProperties, [...at, "*"]) : [];
  if (!node.properties) return [...named, ...variants];
  const inner = Object.entries(node.properties).flatMap(([key, child]) =>
    homes(child, [...at, key]),
  );
  return [{ home: at.join("."), keys: Object.keys(node.properties) }, ...inner];
}

/** The line that would be right, `site: 本社`; of an entry of a list only the value. */
export function correctLine(path: Path, value: unknown): string {
  const key = path.at(-1) ?? "";
  // Quoted as if inside { }, which is right outside too: the owner may write either way.
  const whole = typeof key === "number" ? [value] : { [key]: value };
  const text = stringify(whole, { collectionStyle: "flow", lineWidth: 0 }).trim().slice(2, -2);
  return withoutSecrets(text);
}

/** As `correctLine`, with the schema's own example; undefined where it has none. */
export function exampleLine(path: Path, raw: unknown): Words | undefined {
  const [ja, en = ja] = schemaAt(path, raw)?.examples ?? [];
  return ja === undefined ? undefined : { ja: correctLine(path, ja), en: correctLine(path, en) };
}
