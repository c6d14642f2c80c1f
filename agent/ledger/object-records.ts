import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface RecordedObject {
  readonly kind: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Of the stored bytes; the name itself but for `config`. */
  readonly sha256: string;
}

export type Badness = "damaged" | "missing";

/** What is known of one object in one copy. */
export interface Presence extends RecordedObject {
  readonly verifiedAt: number | undefined;
  readonly bad: Badness | undefined;
  readonly badSince: number | undefined;
}

/** Coverage of one copy by reading back. */
export interface Coverage {
  readonly objects: number;
  readonly bytes: number;
  /** Of all objects; undefined where one was never verified. */
  readonly oldestVerifiedAt: number | undefined;
  readonly bad: number;
}

/** Which objects the vault has, and which copy was seen to hold them. */
export class ObjectRecords {
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;
  readonly #seen: StatementSync;
  readonly #verified: StatementSync;
  readonly #bad: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#add = db.prepare(
      "INSERT INTO objects (kind, name, size, sha256, made_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#seen = db.prepare(
      `INSERT INTO presence (copy, kind, name, seen_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at,
         bad_since = iif(bad = 'missing', NULL, bad_since), bad = iif(bad = 'missing', NULL, bad)`,
    );
    this.#verified = db.prepare(
      `INSERT INTO presence (copy, kind, name, seen_at, verified_at) VALUES (?, ?, ?, ?4, ?4)
       ON CONFLICT DO UPDATE SET seen_at = ?4, verified_at = ?4, bad = NULL, bad_since = NULL`,
    );
    this.#bad = db.prepare(
      `INSERT INTO presence (copy, kind, name, seen_at, bad, bad_since) VALUES (?, ?, ?, ?4, ?5, ?4)
       ON CONFLICT DO UPDATE SET bad_since = iif(bad = ?5, bad_since, ?4), bad = ?5`,
    );
  }

  add(object: RecordedObject, now: number): void {
    this.#add.run(object.kind, object.name, object.size, object.sha256, now);
  }

  /** Everything that every copy should hold. */
  expected(): RecordedObject[] {
    return this.#db
      .prepare("SELECT kind, name, size, sha256 FROM objects")
      .all() as unknown as RecordedObject[];
  }

  find(kind: string, name: string): RecordedObject | undefined {
    return this.#db
      .prepare("SELECT kind, name, size, sha256 FROM objects WHERE kind = ? AND name = ?")
      .get(kind, name) as RecordedObject | undefined;
  }

  /** Takes an object out of what is expected: it never landed in any copy. */
  withdraw(kind: string, name: string): void {
    this.#db.prepare("DELETE FROM objects WHERE kind = ? AND name = ?").run(kind, name);
    this.#db.prepare("DELETE FROM presence WHERE kind = ? AND name = ?").run(kind, name);
  }

  /** True for an object that no copy was ever seen to hold. */
  neverSeen(kind: string, name: string): boolean {
    return (
      this.#db.prepare("SELECT 1 FROM presence WHERE kind = ? AND name = ?").get(kind, name) ===
      undefined
    );
  }

  seen(copy: string, kind: string, name: string, now: number): void {
    this.#seen.run(copy, kind, name, now);
  }

  verified(copy: string, kind: string, name: string, now: number): void {
    this.#verified.run(copy, kind, name, now);
  }

  bad(copy: string, kind: string, name: string, now: number, badness: Badness): void {
    this.#bad.run(copy, kind, name, now, badness);
  }

  /** What a copy is known to hold, by kind and name. */
  of(copy: string): Map<string, Presence> {
    const rows = this.#db
      .prepare(
        `SELECT p.kind, p.name, o.size, o.sha256, p.verified_at, p.bad, p.bad_since
         FROM presence p JOIN objects o USING (kind, name) WHERE p.copy = ?`,
      )
      .all(copy);
    const map = new Map<string, Presence>();
    for (const row of rows) {
      map.set(`${String(row["kind"])}/${String(row["name"])}`, {
        kind: String(row["kind"]),
        name: String(row["name"]),
        size: Number(row["size"]),
        sha256: String(row["sha256"]),
        verifiedAt: row["verified_at"] === null ? undefined : Number(row["verified_at"]),
        bad: row["bad"] === null ? undefined : (row["bad"] as Badness),
        badSince: row["bad_since"] === null ? undefined : Number(row["bad_since"]),
      });
    }
    return map;
  }

  coverage(copy: string): Coverage {
    const row = this.#db
      .prepare(
        `SELECT count(*) AS objects, total(o.size) AS bytes,
           iif(count(*) = count(p.verified_at), min(p.verified_at), NULL) AS oldest,
           count(p.bad) AS bad
         FROM objects o LEFT JOIN presence p ON p.copy = ? AND p.kind = o.kind AND p.name = o.name`,
      )
      .get(copy)!;
    return {
      objects: Number(row["objects"]),
      bytes: Number(row["bytes"]),
      oldestVerifiedAt: row["oldest"] === null ? undefined : Number(row["oldest"]),
      bad: Number(row["bad"]),
    };
  }

  /** Share of the vault's bytes that the copy gave back rightly since `since`, 0 to 1. */
  verifiedShare(copy: string, since: number): number {
    const row = this.#db
      .prepare(
        `SELECT total(o.size) AS bytes, total(iif(p.verified_at >= ? AND p.bad IS NULL, o.size, 0)) AS good
         FROM objects o LEFT JOIN presence p ON p.copy = ? AND p.kind = o.kind AND p.name = o.name`,
      )
      .get(since, copy)!;
    const bytes = Number(row["bytes"]);
    return bytes === 0 ? 0 : Number(row["good"]) / bytes;
  }

  /** "kind/name" of what verify found damaged in a copy and nobody has mended since. */
  damagedIn(copy: string): string[] {
    return this.#db
      .prepare("SELECT kind, name FROM presence WHERE copy = ? AND bad = 'damaged'")
      .all(copy)
      .map((row) => `${String(row["kind"])}/${String(row["name"])}`);
  }

  /** True where the copy is known to hold the object. */
  holds(copy: string, kind: string, name: string): boolean {
    const row = this.#db
      .prepare("SELECT bad FROM presence WHERE copy = ? AND kind = ? AND name = ?")
      .get(copy, kind, name);
    return row !== undefined && row["bad"] === null;
  }
}
