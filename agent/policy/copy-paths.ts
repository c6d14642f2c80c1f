import { defined } from "./copy-fields.ts";
import type { Copy } from "./policy.ts";

/** A copy with each path of this machine as `absolute` makes it. */
export function withCopyPaths(copy: Copy, absolute: (text: string) => string): Copy {
  const resolved = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : absolute(text);
  if (copy.type === "local") {
    const [first, ...others] = copy.paths;
    return { ...copy, paths: [absolute(first), ...others.map(absolute)] };
  }
  if (copy.type === "rclone") return defined({ ...copy, config: resolved(copy.config) });
  const caFile = resolved(copy.caFile);
  if (copy.type === "rest") {
    const { login } = copy;
    const read = login && { ...login, passwordFile: absolute(login.passwordFile) };
    return defined({ ...copy, login: read, caFile });
  }
  const { credentials: from } = copy;
  const file = typeof from === "object" && "file" in from;
  return defined({ ...copy, credentials: file ? { file: absolute(from.file) } : from, caFile });
}
