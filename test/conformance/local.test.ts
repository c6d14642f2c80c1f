import { execFileSync } from "node:child_process";
import { mkdir, readdir, rename, rm, rmdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareLocal } from "../../agent/copies/local/prepare.ts";
import { createLocalStore } from "../../agent/copies/local/local-store.ts";
import { CONFIG } from "../../agent/copies/store.ts";
import { type LocalSubject, localSubject } from "./local-subject.ts";
import { describeStore, listed, objectOf } from "./store-suite.ts";
import { createTestDisk } from "./test-disk.ts";

describeStore("local", () => localSubject());

describe("local store", () => {
  let subject: LocalSubject;
  beforeEach(async () => void (subject = await localSubject()));
  afterEach(() => subject.dispose());

  const bytes = Buffer.from("some bytes");
  const object = objectOf(bytes);
  const pair = object.name.slice(0, 2);
  const path = (below: string): string => join(subject.root, below);
  const modeOf = async (below: string): Promise<number> => (await stat(path(below))).mode & 0o777;

  it("has restic's folders, for its user only", async () => {
    const folders = ["data", "index", "keys", "locks", "mikura", "snapshots"];
    expect((await readdir(subject.root)).sort()).toEqual(folders);
    expect((await readdir(path("data"))).sort()).toEqual(
      Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0")),
    );
    for (const folder of [...folders, ".", "data/a7", "mikura/tmp"])
      expect(await modeOf(folder), folder).toBe(0o700);
  });

  it("makes objects read-only and notes readable", async () => {
    await subject.store.put(object, bytes);
    await subject.store.put(CONFIG, bytes);
    await subject.store.writeNote("copy.json", bytes);
    expect(await modeOf(`data/${pair}/${object.name}`)).toBe(0o400);
    expect(await modeOf("config")).toBe(0o400);
    expect(await modeOf("mikura/copy.json")).toBe(0o644);
  });

  it("passes over an object in the folder of other digits", async () => {
    await subject.plant(`data/${pair === "00" ? "01" : "00"}/${object.name}`, bytes);
    await subject.plant(`data/${object.name}`, bytes);
    expect(await listed(subject.store, "data")).toEqual(new Map());
    expect(await subject.store.size(object)).toBeUndefined();
  });

  it.each(["data", "index", "keys", "snapshots"] as const)(
    "fails to list %s when its folder is gone",
    async (kind) => {
      await rm(path(kind), { recursive: true });
      await expect(listed(subject.store, kind)).rejects.toMatchObject({ code: "copy-failed" });
    },
  );

  it("works on a copy whose empty folders were left out", async () => {
    await subject.store.sync();
    for (const folder of [`data/${pair}`, "locks", "mikura/tmp"]) await rmdir(path(folder));
    expect(await listed(subject.store, "locks")).toEqual(new Map());
    expect(await subject.store.sweep()).toBe(0);
    await subject.store.put(object, bytes);
    await subject.store.put(objectOf(bytes, "locks"), bytes);
    await subject.store.sync();
    expect(await listed(subject.store, "data")).toEqual(new Map([[object.name, bytes.length]]));
  });

  it.each(["link", "folder", "pipe"])("says so when a %s has an object's name", async (what) => {
    const there = path(`data/${pair}/${object.name}`);
    await writeFile(path("elsewhere"), bytes);
    if (what === "link") await symlink(path("elsewhere"), there);
    else if (what === "folder") await mkdir(there);
    else execFileSync("mkfifo", [there]);

    const message = `holds something that is not a plain file, such as a link (${there})`;
    const refused = { code: "copy-failed", message: expect.stringContaining(message) };
    await expect(subject.store.get(object)).rejects.toMatchObject(refused);
    await expect(subject.store.size(object)).rejects.toMatchObject(refused);
    await expect(subject.store.put(object, bytes)).rejects.toMatchObject(refused);
    await expect(listed(subject.store, "data")).rejects.toMatchObject(refused);
  });

  it("does not follow a folder that is a link", async () => {
    await subject.store.put(object, bytes);
    await rename(path("data"), path("moved"));
    await symlink(path("moved"), path("data"));
    await expect(listed(subject.store, "data")).rejects.toMatchObject({ code: "copy-failed" });
    const again = prepareLocal({ copy: "test", root: subject.root });
    await expect(again).rejects.toMatchObject({ code: "copy-failed" });
  });

  it("touches no disk for a name that cannot be", async () => {
    const disk = createTestDisk();
    const store = createLocalStore({ copy: "test", root: subject.root, disk });
    const evil = { kind: "data", name: "../../../etc/passwd" } as const;
    await expect(store.get(evil)).rejects.toThrow(RangeError);
    await expect(store.put(evil, bytes)).rejects.toThrow(RangeError);
    await expect(store.remove(evil)).rejects.toThrow(RangeError);
    await expect(store.writeNote("../config", bytes)).rejects.toThrow(RangeError);
    expect(disk.log).toEqual([]);
  });

  it("does not sweep what it is writing", async () => {
    const large = Buffer.alloc(4 * 1024 * 1024, 7);
    const writing = subject.store.put(objectOf(large), large);
    let swept = 0;
    const state = { writing: true };
    void writing.finally(() => (state.writing = false));
    while (state.writing) swept += await subject.store.sweep();
    await writing;
    expect(swept).toBe(0);
    expect(await subject.store.size(objectOf(large))).toBe(large.length);
  });

  it("prepares durably: every folder that got a new one is synced after the last", async () => {
    const disk = createTestDisk();
    const root = path("a new/copy");
    await prepareLocal({ copy: "test", root, makeRoot: true, disk });
    const lastMade = disk.log.findLastIndex((line) => line.startsWith("mkdir"));
    for (const folder of [".", "..", "../..", "data", "mikura"])
      expect(disk.log.indexOf(`fsync ${join(root, folder)}`), folder).toBeGreaterThan(lastMade);
  });

  it("prepares a second time without harm", async () => {
    await subject.store.put(object, bytes);
    await prepareLocal({ copy: "test", root: subject.root });
    expect(await subject.store.get(object)).toEqual(bytes);
  });
});
