import type { DatabaseSync } from "node:sqlite";

/** When each job is next due. Stored, so that a time missed while the machine was off is not lost. */
export class DueTimes {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Milliseconds; undefined where the job never ran, or its schedule was another one. */
  at(job: string, schedule: string): number | undefined {
    const row = this.#db
      .prepare("SELECT at FROM due WHERE job = ? AND schedule = ?")
      .get(job, schedule);
    return row && Number(row["at"]);
  }

  set(job: string, schedule: string, at: number): void {
    this.#db
      .prepare(
        "INSERT INTO due (job, schedule, at) VALUES (?, ?, ?) ON CONFLICT (job) DO UPDATE SET schedule = excluded.schedule, at = excluded.at",
      )
      .run(job, schedule, at);
  }
}
