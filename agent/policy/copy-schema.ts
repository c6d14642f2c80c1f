import { z } from "zod";
import type { CopyVariant } from "./copy-fields.ts";
import { localSchema } from "./local-schema.ts";
import type { Copy, CopyType, ForeignCopy } from "./policy.ts";
import { rcloneSchema, restSchema } from "./remote-schema.ts";
import { s3Schema } from "./s3-schema.ts";

interface Copies {
  readonly copies: readonly Copy[];
  readonly foreign: readonly ForeignCopy[];
}

/** The keys of a copy, by its type. */
export const COPY_SCHEMAS: Readonly<Record<CopyType, CopyVariant<object>>> = {
  local: localSchema,
  rclone: rcloneSchema,
  rest: restSchema,
  s3: s3Schema,
};

const copy = z.discriminatedUnion("type", [localSchema, rcloneSchema, restSchema, s3Schema]);

/** `copies:` of the policy file, ours apart from restic's own, so that those cannot be written by mistake. */
export const copiesSchema: z.ZodType<Copies> = z.record(z.string(), copy).transform((entries) => {
  const copies: Copy[] = [];
  const foreign: ForeignCopy[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    if ("path" in entry) foreign.push({ name, ...entry });
    else copies.push({ name, ...entry });
  }
  return { copies, foreign };
});
