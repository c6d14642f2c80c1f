/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly point: string;
  /** "nfs4", "ext4", "fuse.sshfs" … */
  readonly type: string;
  /** "/dev/sda1", "nas:/export", "//nas/share" … */
  readonly source: string;
}

/** The mount that a path lies in; of several on one point the last hides the others. */
export function mountOf(mountinfo: string, path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const line of mountinfo.split("\n")) {
    const mount = parseMount(line);
    if (!mount || !covers(mount.point, path)) continue;
    if (!best || mount.point.length >= best.point.length) best = mount;
  }
  return best;
}

/** The server behind a network mount: two shares of one NAS are one place. */
export function serverOf({ type, source }: Mount): string | undefined {
  if (/^(cifs|smb3|smbfs)$/.test(type)) return /^\/\/([^/]+)\//.exec(source)?.[1]?.toLowerCase();
  if (!/^(nfs4?|fuse\.sshfs)$/.test(type)) return undefined;
  return /^(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+):/.exec(source)?.[1]?.toLowerCase();
}

function parseMount(line: string): Mount | undefined {
  // 36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw
  const [before, after] = line.split(" - ");
  const point = before?.split(" ")[4];
  const [type, source] = after?.split(" ") ?? [];
  if (point === undefined || type === undefined || source === undefined) return undefined;
  return { point: unescaped(point), type, source: unescaped(source) };
}

/** Space, tab, newline, "#" and backslash stand as a backslash and three octal digits. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function covers(point: string, path: string): boolean {
  return point === "/" || path === point || path.startsWith(`${point}/`);
}
