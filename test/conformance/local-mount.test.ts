import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realDisk } from "../../agent/copies/local/disk.ts";
import { prepareLocal } from "../../agent/copies/local/prepare.ts";
import { createLocalStore } from "../../agent/copies/local/local-store.ts";
import { placeOf } from "../../agent/copies/local/place.ts";
import { CONFIG, type Store } from "../../agent/copies/store.ts";
import { listed, objectOf } from "./store-suite.ts";

// Mounting needs root. In CI nothing may be left out: there these tests run and fail without it.
const canMount = process.getuid?.() === 0 || process.env["CI"] === "true";
const title = canMount ? "local store on a disk of its own" : "LEFT OUT (needs root to mount)";

const bytes = Buffer.from("some bytes");
const object = objectOf(bytes);

/** Every way to use a store. */
const USES: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  list: (store) => listed(store, "data"),
  listLocks: (store) => listed(store, "locks"),
  get: (store) => store.get(object),
  size: (store) => store.size(CONFIG),
  put: (store) => store.put(object, bytes),
  replace: (store) => store.put(CONFIG, bytes, { replace: true }),
  remove: (store) => store.remove(object),
  writeNote: (store) => store.writeNote("copy.json", bytes),
  sweep: (store) => store.sweep(),
};

describe("local store without its root", () => {
  it("is copy-absent, and makes nothing", async () => {
    const base = await mkdtemp(join(tmpdir(), "mikura-none-"));
    const root = join(base, "not-there");
    const store = createLocalStore({ copy: "home", root });
    for (const [name, use] of Object.entries(USES))
      await expect(use(store), name).rejects.toMatchObject({ code: "copy-absent" });
    await expect(store.readNote("copy.json")).rejects.toMatchObject({ code: "copy-absent" });
    const prepare = prepareLocal({ copy: "home", root });
    await expect(prepare).rejects.toMatchObject({ code: "copy-absent" });
    expect(await readdir(base)).toEqual([]);
    await rm(base, { recursive: true });
  });
});

describe.skipIf(!canMount)(title, () => {
  let root: string;
  let store: Store;
  let mounted: boolean;

  const unmount = (): void => {
    execFileSync("umount", [root]);
    mounted = false;
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "mikura-mount-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "mikura-test", root]);
    mounted = true;
    await prepareLocal({ copy: "home", root });
    store = createLocalStore({ copy: "home", root });
  });
  afterEach(async () => {
    if (mounted) unmount();
    await rm(root, { recursive: true });
  });

  it("is copy-absent when unmounted, and leaves the mount point empty", async () => {
    await store.put(object, bytes);
    unmount();
    await expect(store.sync()).rejects.toMatchObject({ code: "copy-absent" });
    for (const [name, use] of Object.entries(USES))
      await expect(use(store), name).rejects.toMatchObject({ code: "copy-absent" });
    expect(await store.readNote("copy.json")).toBeUndefined();
    expect(await readdir(root)).toEqual([]);
  });

  it("is copy-absent when unmounted in the middle of a put, and makes nothing there", async () => {
    const rename = async (from: string, to: string): Promise<void> => {
      if (mounted) unmount();
      await realDisk.rename(from, to);
    };
    const losing = createLocalStore({ copy: "home", root, disk: { ...realDisk, rename } });
    const put = losing.put(objectOf(bytes, "index"), bytes);
    await expect(put).rejects.toMatchObject({ code: "copy-absent" });
    expect(await readdir(root)).toEqual([]);
  });

  it("is copy-full when full: nothing half is seen, and smaller objects still go in", async () => {
    const large = randomBytes(2 * 1024 * 1024);
    await expect(store.put(objectOf(large), large)).rejects.toMatchObject({ code: "copy-full" });
    expect(await listed(store, "data")).toEqual(new Map());
    expect(await readdir(join(root, "mikura", "tmp"))).toEqual([]);
    await store.put(object, bytes);
    expect(await store.get(object)).toEqual(bytes);
  });

  it("is copy-refused when read-only, and can still be read", async () => {
    await store.put(object, bytes);
    execFileSync("mount", ["-o", "remount,ro", root]);
    const other = objectOf(Buffer.from("other"));
    await expect(store.put(other, bytes)).rejects.toMatchObject({ code: "copy-refused" });
    await expect(store.remove(object)).rejects.toMatchObject({ code: "copy-refused" });
    await expect(store.writeNote("x.json", bytes)).rejects.toMatchObject({ code: "copy-refused" });
    expect(await store.get(object)).toEqual(bytes);
    expect(await placeOf(root, "home")).toMatchObject({ readOnly: true, mountPoint: root });
  });

  it("is another place than the disk below it", async () => {
    const here = await placeOf(join(root, "to", "be", "made"), "home");
    expect(here).toMatchObject({ exists: false, looked: root, mountPoint: root, readOnly: false });
    expect(here.place).toMatch(/^dev:0:\d+$/);
    expect(here.freeBytes).toBeLessThanOrEqual(1024 * 1024);
    expect((await placeOf(tmpdir(), "home")).place).not.toBe(here.place);
  });
});
