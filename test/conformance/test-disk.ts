import { type Disk, type DiskFile, realDisk } from "../../agent/copies/local/disk.ts";

export interface DiskFault {
  /** Which operation goes wrong, counted from 1. */
  readonly at: number;
  /**
   * "error": is not done, throws. "late": is done, throws. "crash": this and all later ones are
   * not done and throw, as if the process were killed. "short": a write that writes the half and
   * says so. "lie": a write that writes the half and says it wrote all.
   */
  readonly how: "error" | "late" | "crash" | "short" | "lie";
  /** Default: EIO. */
  readonly errno?: string;
}

export interface TestDisk extends Disk {
  /** "operation path", in the order in which they began. */
  readonly log: readonly string[];
}

/** The real disk, writing down every operation and failing one as planned. */
export function createTestDisk(fault?: DiskFault): TestDisk {
  const log: string[] = [];

  function isDue(): boolean {
    if (!fault) return false;
    return log.length === fault.at || (fault.how === "crash" && log.length > fault.at);
  }

  async function step<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
    log.push(`${operation} ${path}`);
    if (!fault || !isDue() || fault.how === "short" || fault.how === "lie") return work();
    // A descriptor is closed by whatever happens, a crash included.
    if (fault.how === "late" || operation === "close") await work().then(letGo, () => undefined);
    const errno = fault.how === "crash" ? "CRASHED" : (fault.errno ?? "EIO");
    throw Object.assign(new Error(`${errno}: planned, ${operation} ${path}`), { code: errno });
  }

  /** Nobody gets the file that was opened late, so nobody else can close it. */
  async function letGo(result: unknown): Promise<void> {
    if (typeof result === "object" && result !== null && "close" in result)
      await (result as DiskFile).close();
  }

  const fileOf = (file: DiskFile, path: string): DiskFile => ({
    read: (into, position) => step("read", path, () => file.read(into, position)),
    write: (bytes, position) =>
      step("write", path, async () => {
        const half = isDue() && (fault?.how === "short" || fault?.how === "lie");
        if (!half) return file.write(bytes, position);
        const written = await file.write(bytes.subarray(0, bytes.length >> 1), position);
        return fault.how === "lie" ? bytes.length : written;
      }),
    stat: () => step("fstat", path, () => file.stat()),
    chmod: (mode) => step(`chmod:${mode.toString(8)}`, path, () => file.chmod(mode)),
    sync: () => step("fsync", path, () => file.sync()),
    close: () => step("close", path, () => file.close()),
  });

  return {
    log,
    open: (path, how) =>
      step(`open:${how}`, path, async () => fileOf(await realDisk.open(path, how), path)),
    lstat: (path) => step("lstat", path, () => realDisk.lstat(path)),
    readdir: (path) => step("readdir", path, () => realDisk.readdir(path)),
    mkdir: (path) => step("mkdir", path, () => realDisk.mkdir(path)),
    rename: (from, to) => step("rename", to, () => realDisk.rename(from, to)),
    unlink: (path) => step("unlink", path, () => realDisk.unlink(path)),
  };
}
