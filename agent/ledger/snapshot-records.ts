import type { DatabaseSync } from "node:sqlite";

/** One snapshot that this agent took. */
export interface SnapshotRecord {
  readonly id: string;
  readonly dataset: string;
  /** Nanoseconds since the epoch, as the snapshot claims. */
  readonly timeNs: bigint;
  /** Milliseconds, when the ledger took it in. */
  readonly receivedAt: number;
  readonly tree: string;
  /** SHA-256 of its manifest.json. */
  readonly manifestSha256: string;
  /** JSON of the node of its `.mikura` folder in the root tree. */
  readonly manifestNode: string;
  readonly files: number;
  readonly bytes: number;
  /** What could not be read, for people. */
  readonly skipped: readonly string[];
  /** SHA-256 of the scan memory that belongs to it. */
  readonly scanSha256: string | undefined;
}

export class SnapshotRecords {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  add(record: SnapshotRecord): void {
    this.#db
      .prepare(
        `INSERT INTO snapshots (id, dataset, time_ns, received_at, tree, manifest_sha256,
           manifest_node, files, bytes, skipped, scan_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        record.id,
        record.dataset,
        record.timeNs,
        record.receivedAt,
        record.tree,
        record.manifestSha256,
        record.manifestNode,
        record.files,
        record.bytes,
        JSON.stringify(record.skipped),
        record.scanSha256 ?? null,
      );
  }

  find(id: string): SnapshotRecord | undefined {
    return this.#rows("WHERE id = ?", id)[0];
  }

  latest(dataset: string): SnapshotRecord | undefined {
    return this.#rows(
      "WHERE dataset = ? ORDER BY received_at DESC, rowid DESC LIMIT 1",
      dataset,
    )[0];
  }

  /** Oldest first. */
  all(): SnapshotRecord[] {
    return this.#rows("ORDER BY received_at, rowid");
  }

  withdraw(id: string): void {
    this.#db.prepare("DELETE FROM snapshots WHERE id = ?").run(id);
  }

  #rows(where: string, ...values: string[]): SnapshotRecord[] {
    const statement = this.#db.prepare(`SELECT * FROM snapshots ${where}`);
    statement.setReadBigInts(true);
    return statement.all(...values).map((row) => ({
      id: String(row["id"]),
      dataset: String(row["dataset"]),
      timeNs: row["time_ns"] as bigint,
      receivedAt: Number(row["received_at"]),
      tree: String(row["tree"]),
      manifestSha256: String(row["manifest_sha256"]),
      manifestNode: String(row["manifest_node"]),
      files: Number(row["files"]),
      bytes: Number(row["bytes"]),
      skipped: JSON.parse(String(row["skipped"])) as string[],
      scanSha256: row["scan_sha256"] === null ? undefined : String(row["scan_sha256"]),
    }));
  }
}
