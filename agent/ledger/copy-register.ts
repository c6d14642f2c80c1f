import type { DatabaseSync } from "node:sqlite";

export interface KnownCopy {
  readonly name: string;
  /** Random identity in the copy's marker. */
  readonly id: string;
  /** Physical place when it was last reached. */
  readonly place: string | undefined;
  readonly seenAt: number | undefined;
  readonly currentAt: number | undefined;
  /** When a trial to delete there was last refused; undefined: it worked, or was never made. */
  readonly undeletableAt: number | undefined;
}

/** Which copies this vault has: a known copy that is not there is absent, never new. */
export class CopyRegister {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  find(name: string): KnownCopy | undefined {
    const row = this.#db.prepare("SELECT * FROM copies WHERE name = ?").get(name);
    if (!row) return undefined;
    return {
      name,
      id: String(row["id"]),
      place: row["place"] === null ? undefined : String(row["place"]),
      seenAt: numberOr(row["seen_at"]),
      currentAt: numberOr(row["current_at"]),
      undeletableAt: numberOr(row["undeletable_at"]),
    };
  }

  add(name: string, id: string, now: number): void {
    this.#db
      .prepare(
        "INSERT INTO copies (name, id, made_at, seen_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET id = excluded.id, seen_at = excluded.seen_at",
      )
      .run(name, id, now, now);
  }

  seen(name: string, now: number): void {
    this.#db.prepare("UPDATE copies SET seen_at = ? WHERE name = ?").run(now, name);
  }

  at(name: string, place: string): void {
    this.#db.prepare("UPDATE copies SET place = ? WHERE name = ?").run(place, name);
  }

  /** What came of a trial to delete there. */
  tried(name: string, refusedAt: number | undefined): void {
    this.#db
      .prepare("UPDATE copies SET undeletable_at = ? WHERE name = ?")
      .run(refusedAt ?? null, name);
  }

  current(name: string, now: number): void {
    this.#db.prepare("UPDATE copies SET current_at = ? WHERE name = ?").run(now, name);
  }
}

function numberOr(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
