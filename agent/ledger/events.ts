import type { DatabaseSync } from "node:sqlite";

export interface LedgerEvent {
  readonly at: number;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What happened, in order; never changed afterwards. */
export class Events {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  add(at: number, kind: string, detail: Readonly<Record<string, unknown>>): void {
    this.#db
      .prepare("INSERT INTO events (at, kind, detail) VALUES (?, ?, ?)")
      .run(at, kind, JSON.stringify(detail));
  }

  /** When an event of this kind last happened. */
  lastAt(kind: string): number | undefined {
    const row = this.#db.prepare("SELECT max(at) AS at FROM events WHERE kind = ?").get(kind);
    return row?.["at"] === null || row?.["at"] === undefined ? undefined : Number(row["at"]);
  }
}
