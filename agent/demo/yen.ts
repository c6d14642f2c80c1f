const GROUPED = new Intl.NumberFormat("ja-JP");

/** "1,234,567"; "△1,234" where negative, as Japanese ledgers print it. */
export function yenText(yen: bigint): string {
  return yen < 0n ? `△${GROUPED.format(-yen)}` : GROUPED.format(yen);
}
