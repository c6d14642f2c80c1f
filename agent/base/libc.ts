import { constants, futimesSync, utimesSync } from "node:fs";
import { createRequire } from "node:module";
import type Koffi from "koffi";
import { splitSeconds } from "./nanoseconds.ts";

/*
 * The system calls that Node has no function for: times to the nanosecond (Node passes seconds as a
 * double, which keeps about 240 ns), also of a symbolic link; making a FIFO or device; and writing
 * past the page cache.
 */

const AT_FDCWD = process.platform === "darwin" ? -2 : -100;
const AT_SYMLINK_NOFOLLOW = process.platform === "darwin" ? 0x20 : 0x100;

const require = createRequire(import.meta.url);
let loadedKoffi: typeof Koffi | undefined;

/** Loaded when first needed: it takes 25 ms, and threads that only read need none of this. */
function koffi(): typeof Koffi {
  return (loadedKoffi ??= require("koffi") as typeof Koffi);
}

interface Libc {
  utimensat(folder: number, path: Buffer, times: BigInt64Array, flags: number): number;
  futimens(file: number, times: Int32Array): number;
  mknod(path: Buffer, mode: number, device: bigint): number;
  fcntl(file: number, command: number, type: "int", flags: number): number;
}

let loaded: Libc | undefined | "none";

function libc(): Libc | undefined {
  if (loaded === undefined) {
    try {
      const self = koffi().load(null);
      loaded = {
        utimensat: self.func(
          "int utimensat(int, const void *, const void *, int)",
        ) as Libc["utimensat"],
        futimens: self.func("int futimens(int, const void *)") as Libc["futimens"],
        mknod: self.func("int mknod(const void *, unsigned int, uint64_t)") as Libc["mknod"],
        fcntl: self.func("int fcntl(int, int, ...)") as Libc["fcntl"],
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

const HIGH = 2 ** 32;
/** Two times of two 64-bit numbers; low words come first on every processor that Node runs on. */
const fileTimes = new Int32Array(8);

/** Sets access and modification time of an open file. False: it failed. */
export function setFileMtime(file: number, seconds: number, nanoseconds: number): boolean {
  const calls = libc();
  if (!calls) {
    try {
      futimesSync(file, seconds + nanoseconds / 1e9, seconds + nanoseconds / 1e9);
      return true;
    } catch {
      return false;
    }
  }
  fileTimes[0] = fileTimes[4] = seconds % HIGH;
  fileTimes[1] = fileTimes[5] = Math.floor(seconds / HIGH);
  fileTimes[2] = fileTimes[6] = nanoseconds;
  return calls.futimens(file, fileTimes) === 0;
}

/** Makes a FIFO or device (`mode` with the type bits of mknod(2)). False: not possible here. */
export function makeSpecial(path: Buffer, mode: number, device: bigint): boolean {
  return libc()?.mknod(withNul(path), mode, device) === 0;
}

const F_SETFL = 4;

/**
 * Turns O_DIRECT of an open file on or off: what is written then goes from the caller's memory to
 * the device. Memory, length and position must then be multiples of the device's block. False: not
 * possible here.
 */
export function setDirect(file: number, on: boolean): boolean {
  if (!constants.O_DIRECT) return false;
  return libc()?.fcntl(file, F_SETFL, "int", on ? constants.O_DIRECT : 0) === 0;
}

/** How far the first byte of `memory` lies behind a multiple of `step` (bytes). */
export function misalignment(memory: Uint8Array, step: number): number {
  return Number(koffi().address(memory) % BigInt(step));
}

function withNul(path: Buffer): Buffer {
  return Buffer.concat([path, Buffer.alloc(1)]);
}
