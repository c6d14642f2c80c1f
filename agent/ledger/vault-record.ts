import type { DatabaseSync } from "node:sqlite";

/** A small object that every copy must hold from its first day. */
export interface Seed {
  readonly kind: "config" | "keys";
  readonly name: string;
  readonly bytes: Buffer;
}

/** Which vault the ledger is about, and what opens it. */
export class VaultRecord {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Repository id; undefined before `init`. */
  get id(): string | undefined {
    const row = this.#db.prepare("SELECT id FROM vault").get();
    return row && String(row["id"]);
  }

  /** False until somebody has been shown a recovery code. */
  get codeShown(): boolean {
    return (
      this.#db.prepare("SELECT 1 FROM vault WHERE code_shown_at IS NOT NULL").get() !== undefined
    );
  }

  name(id: string, now: number): void {
    this.#db.prepare("INSERT INTO vault (one, id, made_at) VALUES (1, ?, ?)").run(id, now);
  }

  markCodeShown(now: number): void {
    this.#db.prepare("UPDATE vault SET code_shown_at = ?").run(now);
  }

  addSeed({ kind, name, bytes }: Seed): void {
    this.#db
      .prepare("INSERT INTO seeds (kind, name, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
      .run(kind, name, bytes);
  }

  /** Key files first: without `config` a copy is not taken for a vault. */
  seeds(): Seed[] {
    return this.#db
      .prepare("SELECT kind, name, bytes FROM seeds ORDER BY kind DESC, name")
      .all()
      .map((row) => ({
        kind: row["kind"] as Seed["kind"],
        name: String(row["name"]),
        bytes: Buffer.from(row["bytes"] as Uint8Array),
      }));
  }
}
