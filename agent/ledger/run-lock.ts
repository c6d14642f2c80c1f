import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ledgerFault, stateFault } from "./ledger-errors.ts";

/**
 * One run at a time on one state folder. The lock is the exclusive transaction of a database of its
 * own: the system drops it when the process dies, however it dies, so it can never go stale.
 */
export class RunLock {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Undefined while another run holds it; answers at once. */
  static take(stateFolder: string): RunLock | undefined {
    let db: DatabaseSync | undefined;
    try {
      mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
      db = new DatabaseSync(join(stateFolder, "run.lock"), { timeout: 0 });
      db.exec("BEGIN EXCLUSIVE");
      return new RunLock(db);
    } catch (error) {
      db?.close();
      if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
      throw ledgerFault(error, stateFolder) ?? stateFault(error, stateFolder);
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
