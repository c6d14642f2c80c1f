import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { writeDatabase } from "./database.ts";
import { makeFigures } from "./ledger-figures.ts";

const figures = makeFigures("2026-11-21", 1);
const folder = mkdtempSync(join(tmpdir(), "mikura-demo-"));
const file = join(folder, "売掛金.db");
let database: DatabaseSync;

beforeAll(() => {
  writeDatabase(file, figures);
  database = new DatabaseSync(file, { readOnly: true });
});

afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

describe("the ledger database", () => {
  it("is one sound file with nothing beside it", () => {
    expect(readdirSync(folder)).toEqual(["売掛金.db"]);
    expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(database.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
    expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
  });

  it("comes to the balances of the newest list, customer by customer", () => {
    const query = database.prepare("SELECT code, yen FROM balances ORDER BY code");
    query.setReadBigInts(true);
    const expected = figures.months[2].balances.map(({ customer, balance }) => ({
      code: customer.code,
      yen: balance,
    }));
    expect(query.all()).toEqual(expected);
  });
});
