import { addressAdvice, readAddress } from "./addresses.ts";
import { isAws } from "./aws.ts";
import { bucketAdvice, plainPrefix, prefixAdvice } from "./bucket-names.ts";
import { meantType } from "./copy-type.ts";
import { type Path, show } from "./mistakes.ts";
import { resolveFrom } from "./paths.ts";
import type { Place } from "./places.ts";
import type { CopyType } from "./policy.ts";
import { plainRemote, remoteAdvice } from "./remote-name.ts";
import { namesIn, textAt, valueAt } from "./value-at.ts";

type Found = Omit<Place, "role" | "owner">;

/**
 * Where the copies behind a network are, as far as the text tells: two names of one server, or two
 * remotes with one account behind them, are for the facts.
 */
export function remotePlacesOf(raw: unknown, folder: string): Place[] {
  return namesIn(raw, "copies").flatMap((name): Place[] => {
    const path: Path = ["copies", name];
    const found = FINDERS[meantType(valueAt(raw, path))](raw, path, folder);
    return found ? [{ role: "copy", owner: name, ...found }] : [];
  });
}

type Finder = (raw: unknown, copy: Path, folder: string) => Found | undefined;

const FINDERS: Readonly<Record<CopyType, Finder>> = {
  local: () => undefined,
  rclone(raw, copy, folder) {
    const path = [...copy, "remote"];
    const text = textAt(raw, path);
    if (text === undefined || remoteAdvice(text)) return undefined;
    const remote = plainRemote(text);
    const config = textAt(raw, [...copy, "config"]);
    // The same name in another configuration may be another remote.
    const absolute = `rclone:${config === undefined ? "" : resolveFrom(folder, config)}:${remote}`;
    return { path, text, absolute, shown: show(`rclone ${remote}`) };
  },
  rest(raw, copy) {
    const path = [...copy, "url"];
    const text = textAt(raw, path);
    if (text === undefined || addressAdvice(text, "rest")) return undefined;
    const { host = "", pathname = "" } = readAddress(text) ?? {};
    const absolute = `rest:${host}${decoded(pathname)}`.replace(/\/+$/u, "");
    return { path, text, absolute, shown: show(`${host}${pathname}`) };
  },
  s3(raw, copy) {
    const bucket = textAt(raw, [...copy, "bucket"]);
    const prefix = textAt(raw, [...copy, "prefix"]);
    const endpoint = textAt(raw, [...copy, "endpoint"]);
    if (bucket === undefined || bucketAdvice(bucket)) return undefined;
    if (prefix !== undefined && prefixAdvice(prefix)) return undefined;
    if (endpoint !== undefined && addressAdvice(endpoint, "s3")) return undefined;
    // At AWS a bucket's name is one of its kind in the world (China is a world of its own).
    const china = textAt(raw, [...copy, "region"])?.startsWith("cn-") ?? false;
    const host = isAws(endpoint) ? `aws${china ? "-cn" : ""}` : readAddress(endpoint ?? "")?.host;
    const inner = [bucket, plainPrefix(prefix ?? "")].filter((part) => part !== "").join("/");
    return {
      path: [...copy, prefix === undefined ? "bucket" : "prefix"],
      text: prefix ?? bucket,
      absolute: `s3:${host}/${inner}`,
      shown: show(`s3://${inner}`),
    };
  },
};

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
