import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mountOf, serverOf } from "./mounts.ts";
import { machineProbes, placeOf, type PlaceProbes } from "./place.ts";

/** As glibc's makedev does for small numbers. */
const makedev = (major: number, minor: number): bigint =>
  BigInt(major) * 256n + BigInt(minor & 0xff) + (BigInt(minor >> 8) << 20n);

const MOUNTS = `21 1 8:1 / / rw - ext4 /dev/sda1 rw
22 21 8:17 / /media/usb\\040a rw - exfat /dev/sdb1 rw
23 21 0:45 / /mnt/nas rw - nfs4 nas:/volume1 rw
24 21 0:46 / /mnt/nas2 rw - cifs //NAS/share rw
25 21 0:50 /@data /srv rw - btrfs /dev/sda2 rw
26 21 253:1 / /secret rw - ext4 /dev/mapper/secret rw
27 21 0:60 / /tmpfs rw - tmpfs tmpfs rw
28 21 8:33 / /odd rw - ext4 /dev/sdc1 rw
`;

const DEVICES: Readonly<Record<string, bigint>> = {
  "/": makedev(8, 1),
  "/media/usb a": makedev(8, 17),
  "/mnt/nas": makedev(0, 45),
  "/mnt/nas2": makedev(0, 46),
  "/srv": makedev(0, 50),
  "/secret": makedev(253, 1),
  "/tmpfs": makedev(0, 60),
  "/odd": makedev(259, 300_000),
};

describe("placeOf", () => {
  let sys: string;
  let probes: PlaceProbes;

  beforeAll(async () => {
    sys = await mkdtemp(join(tmpdir(), "mikura-sys-"));
    const device = async (path: string, number: string, partition = false): Promise<void> => {
      const folder = join(sys, "devices", path);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "dev"), `${number}\n`);
      if (partition) await writeFile(join(folder, "partition"), "1\n");
      await mkdir(join(sys, "dev", "block"), { recursive: true });
      await symlink(`../../devices/${path}`, join(sys, "dev", "block", number));
    };
    await device("pci/sda", "8:0");
    await device("pci/sda/sda1", "8:1", true);
    await device("pci/sda/sda2", "8:2", true);
    await device("usb/sdb", "8:16");
    await device("usb/sdb/sdb1", "8:17", true);
    await device("virtual/dm-1", "253:1");
    await mkdir(join(sys, "devices/virtual/dm-1/slaves"));
    await symlink("../../../usb/sdb/sdb1", join(sys, "devices/virtual/dm-1/slaves/sdb1"));
    await symlink("../../../pci/sda/sda2", join(sys, "devices/virtual/dm-1/slaves/sda2"));

    const missing = (): never => {
      throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
    };
    probes = {
      sys,
      mountinfo: async () => MOUNTS,
      realpath: async (path) => (path in DEVICES ? path : missing()),
      stat: async (path) =>
        path === "/dev/sda2"
          ? { dev: 0n, rdev: makedev(8, 2) }
          : { dev: DEVICES[path] ?? missing(), rdev: 0n },
      freeBytes: async () => 1000,
      readOnly: async () => false,
    };
  });
  afterAll(() => rm(sys, { recursive: true }));

  it.each([
    ["/", "disk:8:0", "a partition is its disk"],
    ["/media/usb a", "disk:8:16", "another disk is another place"],
    ["/srv", "disk:8:0", "a btrfs subvolume is the disk of its mount"],
    ["/secret", "disk:8:0+8:16", "a mapped device is the disks under it"],
    ["/mnt/nas", "server:nas", "an NFS mount is its server"],
    ["/mnt/nas2", "server:nas", "so is a share of the same server"],
    ["/tmpfs", "dev:0:60", "what has no disk is its device number"],
    ["/odd", "dev:259:300000", "large numbers are taken apart rightly"],
  ])("%s is %s: %s", async (path, place) => {
    expect((await placeOf(path, "home", probes)).place).toBe(place);
  });

  it("looks at the nearest folder above what is not there, and says so", async () => {
    expect(await placeOf("/media/usb a/三蔵/copy", "home", probes)).toEqual({
      looked: "/media/usb a",
      exists: false,
      device: "8:17",
      place: "disk:8:16",
      mountPoint: "/media/usb a",
      freeBytes: 1000,
      readOnly: false,
    });
    // Unmounted: the folder above lies on the system's own disk, and that is what is told.
    expect(await placeOf("/media/usb b/copy", "home", probes)).toMatchObject({
      looked: "/",
      place: "disk:8:0",
    });
  });

  it("makes a Fault of what it may not look at", async () => {
    const realpath = async (): Promise<never> => {
      throw Object.assign(new Error("EACCES"), { code: "EACCES" });
    };
    await expect(placeOf("/x", "home", { ...probes, realpath })).rejects.toMatchObject({
      code: "copy-refused",
    });
  });

  it("works on this machine", async () => {
    const here = await placeOf(import.meta.dirname, "home");
    const above = await placeOf(join(import.meta.dirname, "none", "such"), "home");
    expect(here).toMatchObject({ looked: import.meta.dirname, exists: true, readOnly: false });
    expect(above).toMatchObject({ looked: import.meta.dirname, exists: false });
    expect(above.place).toBe(here.place);
    expect(here.freeBytes).toBeGreaterThan(0);
    expect(await machineProbes.realpath(dirname("/x"))).toBe("/");
  });
});

describe("mounts", () => {
  it("takes the last of several mounts on one point", () => {
    const text = `${MOUNTS}99 21 0:70 / /mnt/nas rw - tmpfs tmpfs rw\n`;
    expect(mountOf(text, "/mnt/nas/copy")?.type).toBe("tmpfs");
    expect(mountOf(text, "/mnt/nas22/copy")?.point).toBe("/");
    expect(mountOf("", "/mnt")).toBeUndefined();
  });

  it.each([
    ["nfs4", "nas.example:/a", "nas.example"],
    ["nfs", "[fe80::1]:/a", "[fe80::1]"],
    ["cifs", "//NAS/share", "nas"],
    ["fuse.sshfs", "user@host:/a", "host"],
    ["fuse.sshfs", "host:", "host"],
    ["ext4", "/dev/sda1", undefined],
  ])("finds the server of %s %s", (type, source, server) => {
    expect(serverOf({ point: "/", type, source })).toBe(server);
  });
});
