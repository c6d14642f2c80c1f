import { utimesSync } from "node:fs";
import koffi from "koffi";
import { splitSeconds } from "./nanoseconds.ts";

/*
 * The two system calls that Node has no function for: times to the nanosecond (Node passes seconds
 * as a double, which keeps about 240 ns), also of a symbolic link, and making a FIFO or device.
 */

const AT_FDCWD = process.platform === "darwin" ? -2 : -100;
const AT_SYMLINK_NOFOLLOW = process.platform === "darwin" ? 0x20 : 0x100;

interface Libc {
  utimensat(folder: number, path: Buffer, times: BigInt64Array, flags: number): number;
  mknod(path: Buffer, mode: number, device: bigint): number;
}

let loaded: Libc | undefined | "none";

function libc(): Libc | undefined {
  if (loaded === undefined) {
    try {
      const self = koffi.load(null);
      loaded = {
        utimensat: self.func(
          "int utimensat(int, const void *, const void *, int)",
        ) as Libc["utimensat"],
        mknod: self.func("int mknod(const void *, unsigned int, uint64_t)") as Libc["mknod"],
      };
    } catch {
      loaded = "none"; // Windows, or a libc without them: times are set as exactly as Node can
    }
  }
  return loaded === "none" ? undefined : loaded;
}

/** Sets access and modification time of what lies at `path`, links not followed. False: it failed. */
export function setMtime(path: Buffer, mtimeNs: bigint): boolean {
  const calls = libc();
  if (!calls) {
    try {
      utimesSync(path, Number(mtimeNs) / 1e9, Number(mtimeNs) / 1e9);
      return true;
    } catch {
      return false;
    }
  }
  const [seconds, rest] = splitSeconds(mtimeNs);
  const times = BigInt64Array.of(seconds, rest, seconds, rest);
  return calls.utimensat(AT_FDCWD, withNul(path), times, AT_SYMLINK_NOFOLLOW) === 0;
}

/** Makes a FIFO or device (`mode` with the type bits of mknod(2)). False: not possible here. */
export function makeSpecial(path: Buffer, mode: number, device: bigint): boolean {
  return libc()?.mknod(withNul(path), mode, device) === 0;
}

function withNul(path: Buffer): Buffer {
  return Buffer.concat([path, Buffer.alloc(1)]);
}
