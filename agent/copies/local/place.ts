import { constants } from "node:fs";
import { access, readFile, realpath, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errnoOf } from "../../base/fault.ts";
import { disksOf } from "./disks.ts";
import { localFault } from "./errors.ts";
import { type Mount, mountOf, serverOf } from "./mounts.ts";

/** What the machine knows about where a path lies. */
export interface PlaceFacts {
  /** The path itself, or the nearest folder above it that exists, without links. */
  readonly looked: string;
  /** False: `looked` stands in for a path that is not there yet. */
  readonly exists: boolean;
  /** Device of the file system, "MAJOR:MINOR". */
  readonly device: string;
  /**
   * Equal for two paths that one broken disk or server would take together:
   * "disk:8:0" (several joined by "+"), "server:nas", or "dev:0:45" where nothing better is known.
   * The numbers may change when a disk is plugged in again: compare only what was asked together.
   */
  readonly place: string;
  readonly mountPoint?: string;
  /** What a user who is not root may still write. */
  readonly freeBytes: number;
  /** The file system is mounted read-only. */
  readonly readOnly: boolean;
}

/** How `placeOf` looks at the machine. */
export interface PlaceProbes {
  /** Where sysfs is. */
  readonly sys: string;
  /** Text of /proc/self/mountinfo; empty where the system has none. */
  mountinfo(): Promise<string>;
  realpath(path: string): Promise<string>;
  /** `dev`: the file system that holds it; `rdev`: the device that it is. */
  stat(path: string): Promise<{ readonly dev: bigint; readonly rdev: bigint }>;
  freeBytes(path: string): Promise<number>;
  readOnly(path: string): Promise<boolean>;
}

export const machineProbes: PlaceProbes = {
  sys: "/sys",
  mountinfo: () => readFile("/proc/self/mountinfo", "utf8").catch(() => ""),
  realpath: (path) => realpath(path),
  stat: (path) => stat(path, { bigint: true }),
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  readOnly: async (path) => {
    try {
      await access(path, constants.W_OK);
      return false;
    } catch (error) {
      return errnoOf(error) === "EROFS";
    }
  },
};

/** @throws Fault where even the folders above cannot be looked at. `copy` is for its message. */
export async function placeOf(
  path: string,
  copy: string,
  probes: PlaceProbes = machineProbes,
): Promise<PlaceFacts> {
  const asked = resolve(path);
  try {
    const looked = await nearest(asked, probes);
    const device = deviceNumber((await probes.stat(looked.path)).dev);
    const mount = mountOf(await probes.mountinfo(), looked.path);
    return {
      looked: looked.path,
      exists: looked.exists,
      device,
      place: await placeName(device, mount, probes),
      ...(mount && { mountPoint: mount.point }),
      freeBytes: await probes.freeBytes(looked.path),
      readOnly: await probes.readOnly(looked.path),
    };
  } catch (error) {
    throw localFault(error, { copy, path: asked });
  }
}

async function nearest(
  path: string,
  probes: PlaceProbes,
): Promise<{ path: string; exists: boolean }> {
  try {
    return { path: await probes.realpath(path), exists: true };
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    return { ...(await nearest(dirname(path), probes)), exists: false };
  }
}

async function placeName(
  device: string,
  mount: Mount | undefined,
  probes: PlaceProbes,
): Promise<string> {
  const server = mount && serverOf(mount);
  if (server !== undefined) return `server:${server}`;
  const disks =
    (await disksOf(probes.sys, device)) ??
    (await disksOf(probes.sys, await sourceOf(mount, probes)));
  return disks ? `disk:${disks.join("+")}` : `dev:${device}`;
}

/** btrfs and ZFS give every subvolume a device number of its own; the mount names the real one. */
async function sourceOf(mount: Mount | undefined, probes: PlaceProbes): Promise<string> {
  if (!mount?.source.startsWith("/dev/")) return "";
  try {
    return deviceNumber((await probes.stat(mount.source)).rdev);
  } catch {
    return ""; // in a container the device file is not there: the file system's number must do
  }
}

/** st_dev as the kernel writes it in sysfs; layout of glibc's makedev. */
function deviceNumber(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}
