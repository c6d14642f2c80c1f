/**
 * JSON text to a value, with integers beyond 2^53 as bigint: inode numbers and sizes lose digits
 * otherwise. Throws SyntaxError as JSON.parse does.
 */
export function parseJsonExact(text: string): unknown {
  // A reviver makes parsing several times slower, so it is used only where a long number stands.
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

const LONG_NUMBER = /(?:^|[[:,])\s*-?\d{16}/;

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source; // the digits as written (ES2025)
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
