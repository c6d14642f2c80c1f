const UNIT_S = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
type Unit = keyof typeof UNIT_S;

/** "90m", "24h", "7d", "2w" to seconds; undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})([smhdw])$/.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * UNIT_S[match[2] as Unit];
}
