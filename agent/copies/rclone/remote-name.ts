import { EXIT, Fault } from "../../base/fault.ts";

// rclone's own rule for names in its config file. Without ":" or "," in front or inside, nothing
// that the policy says is taken for a connection string, whose options can run commands.
const NAME = /^[\p{L}\p{N}_.+@](?:[\p{L}\p{N}_.+@ -]*[\p{L}\p{N}_.+@])?$/u;
const PATH = /^\P{Cc}*$/u;

export interface RemoteName {
  /** A section of rclone's config file. */
  readonly name: string;
  /** Below it; may be empty. */
  readonly path: string;
}

/** @throws Fault policy-unsound for anything but "NAME:PATH". `copy` is for its message. */
export function parseRemote(remote: string, copy: string): RemoteName {
  const colon = remote.indexOf(":");
  const name = remote.slice(0, Math.max(colon, 0));
  const path = remote.slice(colon + 1);
  // ".." would let two copies be one place under different names.
  if (!NAME.test(name) || !PATH.test(path) || path.split("/").includes("..")) throw unsound(copy);
  return { name, path };
}

/** The remote is not repeated: a connection string may hold a password. */
function unsound(copy: string): Fault {
  return new Fault("policy-unsound", {
    what: {
      ja: `写し「${copy}」の remote は「名前:パス」の形でなければなりません`,
      en: `The remote of copy "${copy}" is not of the form NAME:PATH`,
    },
    next: {
      ja: "rclone config で作った名前を使ってください（例：branch:mikura）。「:sftp:…」や「名前,設定=値:…」は使えません",
      en: 'Use a name made with rclone config (such as branch:mikura). ":sftp:…" and "name,option=value:…" are not allowed',
    },
    exit: EXIT.usage,
  });
}
