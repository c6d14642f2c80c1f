import { stringify } from "yaml";
import type { Words } from "../base/words.ts";
import { type JsonSchema, policyJsonSchema } from "./json-schema.ts";
import type { Path } from "./mistakes.ts";

const root: JsonSchema = policyJsonSchema();

/** What the schema says of the place at `path`; undefined where it knows no such place. */
export function schemaAt(path: Path): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(below, root);
}

function below(node: JsonSchema | undefined, part: string | number): JsonSchema | undefined {
  if (!node) return undefined;
  if (typeof part === "number") return node.items;
  if (node.properties)
    return Object.hasOwn(node.properties, part) ? node.properties[part] : undefined;
  return node.additionalProperties || undefined;
}

/** Keys that may stand under `path`; none where the names there are free. */
export function keysUnder(path: Path): readonly string[] {
  return Object.keys(schemaAt(path)?.properties ?? {});
}

/** Dotted places where `key` may stand, with * for a name: `["datasets.*"]`; [""] for the top. */
export function homesOf(key: string): readonly string[] {
  return HOMES.filter(({ keys }) => keys.includes(key)).map(({ home }) => home);
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
  const named = node.additionalProperties ? homes(node.additionalProperties, [...at, "*"]) : [];
  if (!node.properties) return named;
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
  return stringify(whole, { collectionStyle: "flow", lineWidth: 0 }).trim().slice(2, -2);
}

/** As `correctLine`, with the schema's own example; undefined where it has none. */
export function exampleLine(path: Path): Words | undefined {
  const [ja, en = ja] = schemaAt(path)?.examples ?? [];
  return ja === undefined ? undefined : { ja: correctLine(path, ja), en: correctLine(path, en) };
}
