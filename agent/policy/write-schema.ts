import { writeFileSync } from "node:fs";
import { policyJsonSchemaText } from "./json-schema.ts";

// `npm run schema`: after a change to the schema, this brings the file that editors read up to date.
writeFileSync(
  new URL("../../policies/policy.schema.json", import.meta.url),
  policyJsonSchemaText(),
);
