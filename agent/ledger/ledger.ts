import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CopyRegister } from "./copy-register.ts";
import { DrillRecords } from "./drill-records.ts";
import { DueTimes } from "./due-times.ts";
import { Events } from "./events.ts";
import { ledgerFault, stateFault } from "./ledger-errors.ts";
import { ObjectRecords } from "./object-records.ts";
import { SnapshotRecords } from "./snapshot-records.ts";
import { MIGRATIONS, SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { VaultRecord } from "./vault-record.ts";

/** The agent's own record of what should exist, what was seen where and when, and what was proved. */
export class Ledger {
  readonly vault: VaultRecord;
  readonly copies: CopyRegister;
  readonly objects: ObjectRecords;
  readonly snapshots: SnapshotRecords;
  readonly drills: DrillRecords;
  readonly due: DueTimes;
  readonly events: Events;
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
    this.vault = new VaultRecord(db);
    this.copies = new CopyRegister(db);
    this.objects = new ObjectRecords(db);
    this.snapshots = new SnapshotRecords(db);
    this.drills = new DrillRecords(db);
    this.due = new DueTimes(db);
    this.events = new Events(db);
  }

  /** Opens the ledger in the state folder, making both where they are missing. */
  static open(stateFolder: string): Ledger {
    try {
      mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
      const db = new DatabaseSync(join(stateFolder, "ledger.db"), { timeout: 10_000 });
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;");
      const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
      if (version > SCHEMA_VERSION)
        throw new Error(`ledger version ${version} is newer than this mikura`);
      if (version < SCHEMA_VERSION) {
        const work = version === 0 ? SCHEMA : migrationsFrom(version);
        db.exec(`BEGIN IMMEDIATE; ${work} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
      }
      return new Ledger(db);
    } catch (cause) {
      throw ledgerFault(cause, stateFolder) ?? stateFault(cause, stateFolder);
    }
  }

  /** All or nothing. */
  together<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function migrationsFrom(version: number): string {
  return Object.entries(MIGRATIONS)
    .filter(([makes]) => Number(makes) > version)
    .map(([, work]) => work)
    .join(" ");
}
