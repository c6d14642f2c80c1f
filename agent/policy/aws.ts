import { readAddress } from "./addresses.ts";

/** True of an endpoint that is not given, or is an address of Amazon's. */
export function isAws(endpoint: string | undefined): boolean {
  if (endpoint === undefined) return true;
  return /\.amazonaws\.com(?:\.cn)?$/u.test(readAddress(endpoint)?.hostname ?? "");
}
