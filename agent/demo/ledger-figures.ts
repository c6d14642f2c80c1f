import {
  bankDay,
  dayAfter,
  firstDay,
  lastDay,
  monthFrom,
  type Day,
  type Month,
} from "./calendar.ts";
import { CUSTOMER_NAMES, GOODS } from "./fictional.ts";
import { seeded, type Seeded } from "./seeded.ts";

export interface Customer {
  /** Six digits with leading zeros: what a spreadsheet loses when it takes the code for a number. */
  readonly code: string;
  readonly name: string;
  /** What the customer owed before the first month, in yen. */
  readonly opening: bigint;
}

export interface InvoiceLine {
  readonly goods: string;
  /** Negative where goods came back. */
  readonly count: bigint;
  readonly price: bigint;
  readonly yen: bigint;
}

export interface Invoice {
  readonly number: string;
  readonly customer: Customer;
  readonly date: Day;
  readonly due: Day;
  readonly lines: readonly InvoiceLine[];
  readonly net: bigint;
  readonly tax: bigint;
  readonly yen: bigint;
}

export interface Payment {
  readonly customer: Customer;
  readonly date: Day;
  readonly yen: bigint;
}

/** One row of the list of balances: carried + sold - received = balance. */
export interface Balance {
  readonly carried: bigint;
  readonly sold: bigint;
  readonly received: bigint;
  readonly balance: bigint;
}

export interface MonthFigures {
  readonly month: Month;
  readonly invoices: readonly Invoice[];
  readonly payments: readonly Payment[];
  readonly balances: readonly (Balance & { readonly customer: Customer })[];
  readonly total: Balance;
}

export interface Figures {
  readonly customers: readonly Customer[];
  /** The closed months, oldest first; the last one is the month before today's. */
  readonly months: readonly [MonthFigures, MonthFigures, MonthFigures];
  /** What all customers together owe at the end of the last month. */
  readonly totalYen: bigint;
}

/**
 * By place in the list of customers, so that every seed has each of the things that make ledgers hard to
 * check: a month of returns, customers who paid too much, and one with nothing at all.
 */
const RETURNS = 4;
const OVERPAID: ReadonlySet<number> = new Set([9, 17]);
const DORMANT = 20;

export function makeFigures(today: Day, seed: number): Figures {
  const random = seeded(seed);
  const customers = makeCustomers(random);
  const openings = customers.map(({ opening }) => opening);
  const first = closeMonth(monthFrom(today, -3), "ordinary", customers, openings, random);
  const second = closeMonth(monthFrom(today, -2), "returns", customers, owed(first), random);
  const third = closeMonth(monthFrom(today, -1), "overpaid", customers, owed(second), random);
  return { customers, months: [first, second, third], totalYen: third.total.balance };
}

function makeCustomers(random: Seeded): Customer[] {
  let code = 123;
  return CUSTOMER_NAMES.map((name, place) => {
    const customer = {
      code: String(code).padStart(6, "0"),
      name,
      opening: place === DORMANT ? 0n : BigInt(random.between(40, 900)) * 1_100n,
    };
    code += random.between(1, 40); // closed customers leave gaps
    return customer;
  });
}

function owed({ balances }: MonthFigures): bigint[] {
  return balances.map(({ balance }) => balance);
}

function closeMonth(
  month: Month,
  event: "ordinary" | "returns" | "overpaid",
  customers: readonly Customer[],
  before: readonly bigint[],
  random: Seeded,
): MonthFigures {
  const invoices: Invoice[] = [];
  const payments: Payment[] = [];
  const balances = customers.map((customer, place) => {
    const carried = before[place] ?? 0n;

    let sold = 0n;
    if (place !== DORMANT) {
      const number = `${month.replace("-", "")}-${String(invoices.length + 1).padStart(3, "0")}`;
      const cameBack = event === "returns" && place === RETURNS;
      const invoice = makeInvoice(number, customer, month, cameBack, random);
      invoices.push(invoice);
      sold = invoice.yen;
    }

    const overpays = event === "overpaid" && OVERPAID.has(place);
    const received = overpays
      ? carried + sold + BigInt(random.between(1, 30)) * 1_000n
      : ordinaryPayment(carried, random);
    if (received > 0n) {
      const date = bankDay(dayAfter(firstDay(month), random.between(4, 24)));
      payments.push({ customer, date, yen: received });
    }

    return { customer, carried, sold, received, balance: carried + sold - received };
  });
  return { month, invoices, payments, balances, total: totalOf(balances) };
}

/** Most customers pay last month's balance in full, some a part of it, a few not at all. */
function ordinaryPayment(carried: bigint, random: Seeded): bigint {
  if (carried <= 0n) return 0n;
  if (random.chance(75)) return carried;
  return random.chance(70) ? (carried / 2_000n) * 1_000n : 0n;
}

function makeInvoice(
  number: string,
  customer: Customer,
  month: Month,
  cameBack: boolean,
  random: Seeded,
): Invoice {
  const lines = Array.from({ length: cameBack ? 1 : random.between(1, 4) }, () => {
    const goods = random.pick(GOODS);
    const count = BigInt(random.between(2, 40)) * (cameBack ? -1n : 1n);
    return { goods: goods.name, count, price: goods.price, yen: count * goods.price };
  });
  const net = sum(lines.map((line) => line.yen));
  const tax = net / 10n; // rounded once per invoice, as the invoice rules of 2023 demand
  const due = lastDay(monthFrom(firstDay(month), 1));
  return { number, customer, date: lastDay(month), due, lines, net, tax, yen: net + tax };
}

function totalOf(rows: readonly Balance[]): Balance {
  return {
    carried: sum(rows.map((row) => row.carried)),
    sold: sum(rows.map((row) => row.sold)),
    received: sum(rows.map((row) => row.received)),
    balance: sum(rows.map((row) => row.balance)),
  };
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
