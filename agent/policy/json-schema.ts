import { z } from "zod";
import { policySchema } from "./schema.ts";
import { NAME_PATTERN } from "./text.ts";

/** As much of JSON Schema as ours uses. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly type?: string;
  readonly const?: unknown;
  /** Alternatives: copies by their type, and a value that is either a word or a group. */
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
}

/** The kinds of things that may stand in one place, where there are several; conditions are none. */
export function variantsOf({
  oneOf = [],
  anyOf = [],
  properties,
}: JsonSchema): readonly JsonSchema[] {
  return properties ? [] : [...oneOf, ...anyOf];
}

/** JSON Schema (draft 2020-12) of the policy file, for editors. */
export function policyJsonSchema(): JsonSchema {
  return z.toJSONSchema(policySchema, {
    io: "input",
    target: "draft-2020-12",
    override: ({ zodSchema, jsonSchema }) => {
      // zod drops the examples of a schema that transforms, as they might be of the output; ours never are.
      const examples = z.globalRegistry.get(zodSchema)?.["examples"];
      if (Array.isArray(examples)) jsonSchema.examples = examples;
      if (jsonSchema.propertyNames) jsonSchema.propertyNames = { pattern: NAME_PATTERN };
    },
  }) as JsonSchema;
}

/** Text of policies/policy.schema.json, laid out as the formatter wants it: short lists on one line. */
export function policyJsonSchemaText(): string {
  const text = JSON.stringify(policyJsonSchema(), undefined, 2);
  return `${closeUp(closeUp(text))}\n`;
}

const ITEM = String.raw`(?:"(?:[^"\\]|\\.)*"|[\w.-]+|\[[^\n[\]]*\])`;
const LIST = new RegExp(String.raw`^( *)(.*)\[\n( *${ITEM}(?:,\n *${ITEM})*)\n *\](,?)`, "gmu");
const LINE_MAX = 100;

/** Closes up the innermost lists that fit on a line. */
function closeUp(text: string): string {
  return text.replaceAll(
    LIST,
    (whole, indent: string, start: string, items: string, comma: string) => {
      const line = `${indent}${start}[${items.trim().replaceAll(/,\n */gu, ", ")}]${comma}`;
      const wide = line.match(/[\u3000-\u9fff\uff00-\uffef]/gu)?.length ?? 0; // two columns each
      return line.length + wide <= LINE_MAX ? line : whole;
    },
  );
}
