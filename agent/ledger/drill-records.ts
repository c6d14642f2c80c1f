import type { DatabaseSync } from "node:sqlite";

export interface DrillRecord {
  readonly at: number;
  readonly dataset: string;
  readonly copy: string;
  readonly snapshot: string;
  readonly result: "proved" | "failed";
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
  /** What did not match, for people; empty when proved. */
  readonly mismatches: readonly string[];
}

/** What was proved, where and when. */
export class DrillRecords {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  add(drill: DrillRecord): void {
    this.#db
      .prepare(
        "INSERT INTO drills (at, dataset, copy, snapshot, result, files, bytes, seconds, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        drill.at,
        drill.dataset,
        drill.copy,
        drill.snapshot,
        drill.result,
        drill.files,
        drill.bytes,
        drill.seconds,
        JSON.stringify({ mismatches: drill.mismatches }),
      );
  }

  latest(dataset: string, copy: string): DrillRecord | undefined {
    const row = this.#db
      .prepare(
        "SELECT * FROM drills WHERE dataset = ? AND copy = ? ORDER BY at DESC, id DESC LIMIT 1",
      )
      .get(dataset, copy);
    if (!row) return undefined;
    return {
      at: Number(row["at"]),
      dataset,
      copy,
      snapshot: String(row["snapshot"]),
      result: row["result"] as DrillRecord["result"],
      files: Number(row["files"]),
      bytes: Number(row["bytes"]),
      seconds: Number(row["seconds"]),
      mismatches: (JSON.parse(String(row["detail"])) as { mismatches: string[] }).mismatches,
    };
  }
}
