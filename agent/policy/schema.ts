import { z } from "zod";
import { copiesSchema } from "./copy-schema.ts";
import { datasetsSchema } from "./dataset-schema.ts";
import { about, line, path, timezone } from "./fields.ts";
import type { PolicyText } from "./policy.ts";
import { drillSchema, retentionSchema, verifySchema, waiveSchema } from "./upkeep-schema.ts";

/** The policy file. Every key has a description and an example; the messages and the editors use both. */
export const policySchema: z.ZodType<PolicyText> = z
  .strictObject({
    mikura: z
      .literal(1)
      .meta(about("方針書の書式の版。1 と書きます", "Version of this file's format: 1", 1)),
    company: line.meta(
      about(
        "会社名。報告書に出ます",
        "The company, as it stands in reports",
        "株式会社みほん商店",
        "Sample Trading Co.",
      ),
    ),
    language: z
      .enum(["ja", "en"])
      .meta(
        about(
          "画面と報告書の言葉：ja（日本語）か en（英語）",
          "Language of messages and reports: ja or en",
          "ja",
        ),
      )
      .prefault("ja"),
    timezone: timezone
      .meta(about("予定と報告書の時間帯", "Time zone of schedules and reports", "Asia/Tokyo"))
      .prefault("Asia/Tokyo"),
    site: line.meta(
      about(
        "元のデータがある建物や場所",
        "The building or place where the original data is",
        "本社",
        "head office",
      ),
    ),
    "key-file": path.meta(
      about(
        "鍵のファイル（init が作り、本人だけが読めます）",
        "The key file, which init makes and only its owner may read",
        "./agent.key",
      ),
    ),
    state: path
      .meta(
        about(
          "台帳を置くフォルダー（省くとこの利用者の標準の場所）",
          "Folder of the ledger (default: the user's state folder)",
          "./state",
        ),
      )
      .optional(),
    demo: z
      .boolean()
      .meta(
        about(
          "お試し用。写しが 3 つなくても動き、すべての画面に「お試し」と出ます",
          "For trying out: fewer than three copies will do, and every screen says so",
          true,
        ),
      )
      .prefault(false),
    datasets: datasetsSchema.meta(
      about(
        "守る業務データ。名前ごとに書きます",
        "The critical data, each under a name of its own",
        {
          "accounts-receivable": { title: "売掛金", folders: ["/srv/ledger/ar"] },
        },
        { "accounts-receivable": { title: "Receivables", folders: ["/srv/ledger/ar"] } },
      ),
    ),
    copies: copiesSchema.meta(
      about(
        "写しの置き場所。3 つ以上を名前ごとに書きます",
        "The places that hold the copies, three or more, each under a name",
        {
          office: { type: "local", path: "/mnt/nas/mikura", site: "本社", medium: "nas" },
        },
        { office: { type: "local", path: "/mnt/nas/mikura", site: "head office", medium: "nas" } },
      ),
    ),
    retention: retentionSchema,
    verify: verifySchema,
    drill: drillSchema,
    waive: waiveSchema,
  })
  .transform(({ mikura: _version, "key-file": keyFile, copies, ...rest }) => ({
    ...rest,
    ...copies,
    keyFile,
  }));
