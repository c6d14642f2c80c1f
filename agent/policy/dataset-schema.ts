import { z } from "zod";
import { about, duration, DURATION_META, glob, line, path, schedule } from "./fields.ts";
import type { Dataset } from "./policy.ts";

const folder = path.meta(about("フォルダー 1 つ", "One folder", "/srv/ledger/ar"));

const pattern = glob.meta(
  about(
    "除くファイルの名前。* は何文字でも、? は 1 文字",
    "A name to leave out; * is any letters, ? is one letter",
    "*.tmp",
  ),
);

const dataset = z.strictObject({
  title: line
    .meta(
      about(
        "呼び名。報告書に出ます（省くと名前のまま）",
        "What people call it, for reports (default: its name)",
        "売掛金",
        "Receivables",
      ),
    )
    .optional(),
  purpose: line
    .meta(
      about(
        "これが無いと止まる仕事",
        "The business that stops without it",
        "請求と入金消込",
        "Invoicing and matching payments",
      ),
    )
    .optional(),
  folders: z
    .array(folder)
    .min(1)
    .meta(
      about("守るフォルダー（1 つ以上）", "The folders to keep, one or more", ["/srv/ledger/ar"]),
    ),
  exclude: z
    .array(pattern)
    .meta(about("保存しないファイル", "Files that are not backed up", ["~$*", "*.tmp"]))
    .prefault([]),
  schedule: schedule
    .meta(
      about(
        "世代をとる予定：分 時 日 月 曜日",
        "When to take snapshots: minute hour day month weekday",
        "0 12,19 * * 1-5",
      ),
    )
    .prefault("0 12,19 * * 1-5"),
  rpo: duration
    .meta({
      ...about(
        "失ってもよい長さ。最新の世代がこれより古いと「期限切れ」",
        "Data that may be lost: a newest snapshot older than this is stale",
        "24h",
      ),
      ...DURATION_META,
    })
    .prefault("24h"),
  rto: duration
    .meta({
      ...about(
        "復元にかけてよい時間。これより遅い訓練は失敗",
        "Time that a restore may take: a slower drill fails",
        "4h",
      ),
      ...DURATION_META,
    })
    .prefault("4h"),
});

/** `datasets:` of the policy file; names are judged in logic.ts, so that a bad name hides no mistake below it. */
export const datasetsSchema: z.ZodType<readonly Dataset[]> = z
  .record(z.string(), dataset)
  .transform((datasets) =>
    Object.entries(datasets).map(([name, dataset]) => ({
      name,
      title: dataset.title ?? name,
      purpose: dataset.purpose,
      folders: dataset.folders,
      exclude: dataset.exclude,
      schedule: dataset.schedule,
      rpoS: dataset.rpo,
      rtoS: dataset.rto,
    })),
  );
