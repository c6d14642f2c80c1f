import { DatabaseSync } from "node:sqlite";

import type { Figures } from "./ledger-figures.ts";

const SCHEMA = `
  CREATE TABLE customers (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    opening_yen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE invoices (
    number TEXT PRIMARY KEY,
    customer_code TEXT NOT NULL REFERENCES customers (code),
    date TEXT NOT NULL,
    due TEXT NOT NULL,
    net_yen INTEGER NOT NULL,
    tax_yen INTEGER NOT NULL,
    yen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    customer_code TEXT NOT NULL REFERENCES customers (code),
    date TEXT NOT NULL,
    yen INTEGER NOT NULL
  ) STRICT;
  CREATE VIEW balances AS
    SELECT code, name, opening_yen
      + (SELECT coalesce(sum(yen), 0) FROM invoices WHERE customer_code = code)
      - (SELECT coalesce(sum(yen), 0) FROM payments WHERE customer_code = code) AS yen
    FROM customers;
`;

/** Writes the ledger as a SQLite database; `file` must not exist. */
export function writeDatabase(file: string, figures: Figures): void {
  const database = new DatabaseSync(file);
  try {
    // No WAL, and no journal on disk either: one file and nothing beside it, even if this run is killed.
    database.exec("PRAGMA journal_mode = MEMORY");
    database.exec("BEGIN");
    database.exec(SCHEMA);
    fill(database, figures);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

function fill(database: DatabaseSync, figures: Figures): void {
  const customers = database.prepare("INSERT INTO customers VALUES (?, ?, ?)");
  for (const { code, name, opening } of figures.customers) customers.run(code, name, opening);

  const invoices = database.prepare("INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?)");
  const payments = database.prepare(
    "INSERT INTO payments (customer_code, date, yen) VALUES (?, ?, ?)",
  );
  for (const month of figures.months) {
    for (const { number, customer, date, due, net, tax, yen } of month.invoices) {
      invoices.run(number, customer.code, date, due, net, tax, yen);
    }
    for (const { customer, date, yen } of month.payments) payments.run(customer.code, date, yen);
  }
}
