import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  type JsonSchema,
  policyJsonSchema,
  policyJsonSchemaText,
  variantsOf,
} from "./json-schema.ts";
import { loadPolicy } from "./load.ts";
import type { Policy } from "./policy.ts";
import { whereIs } from "./where.ts";

const POLICIES = new URL("../../policies/", import.meta.url);

async function load(name: string): Promise<Policy> {
  const path = fileURLToPath(new URL(name, POLICIES));
  return loadPolicy(path, { readFile, env: {}, cwd: "/", language: "en" });
}

test("policies/policy.schema.json is current (npm run schema)", async () => {
  const file = await readFile(new URL("policy.schema.json", POLICIES), "utf8");
  expect(file).toBe(policyJsonSchemaText());
});

test("every key has a description in both languages and an example", () => {
  const poor: string[] = [];
  const look = (node: JsonSchema, at: string): void => {
    for (const [key, child] of Object.entries(node.properties ?? {})) {
      const place = `${at}.${key}`;
      const told = child.description?.includes(" / ") && (child.examples?.length ?? 0) > 0;
      if (!told) poor.push(place);
      look(child, place);
    }
    if (node.additionalProperties) look(node.additionalProperties, `${at}.*`);
    if (node.items) look(node.items, `${at}[]`);
    for (const [index, variant] of variantsOf(node).entries()) look(variant, `${at}|${index}`);
  };
  look(policyJsonSchema(), "");
  expect(poor).toEqual([]);
});

test("the quickstart is a demonstration with three copies in its own folder", async () => {
  const policy = await load("quickstart.yaml");
  expect(policy.demo).toBe(true);
  expect(policy.copies.map(({ site }) => site)).toEqual(["本社", "社長宅", "支店"]);
  const demo = fileURLToPath(new URL("../demo", POLICIES));
  for (const copy of policy.copies) expect(whereIs(copy).startsWith(demo)).toBe(true);
});

test("the first policy of one's own is sound", async () => {
  const policy = await load("accounts-receivable.yaml");
  expect(policy.demo).toBe(false);
  expect(policy.copies.map(({ name, rotatesS }) => [name, rotatesS])).toEqual([
    ["office", undefined],
    ["home", 604_800],
    ["branch", undefined],
  ]);
});

test.each(["quickstart.yaml", "accounts-receivable.yaml"])(
  "%s tells editors its schema",
  async (name) => {
    const text = await readFile(new URL(name, POLICIES), "utf8");
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=./policy.schema.json");
  },
);
