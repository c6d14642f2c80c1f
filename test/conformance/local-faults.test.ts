import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { realDisk } from "../../agent/copies/local/disk.ts";
import { createLocalStore } from "../../agent/copies/local/local-store.ts";
import type { Store } from "../../agent/copies/store.ts";
import { type LocalSubject, localSubject } from "./local-subject.ts";
import { objectOf } from "./store-suite.ts";
import { createTestDisk, type DiskFault, type TestDisk } from "./test-disk.ts";

const OLD = Buffer.from("the bytes that were there");
const NEW = Buffer.from("the bytes that are written");
const object = objectOf(NEW);
const pair = object.name.slice(0, 2);

interface Case {
  readonly name: string;
  /** On the sound disk, before. */
  readonly before: (subject: LocalSubject) => Promise<void>;
  readonly write: (store: Store) => Promise<void>;
  readonly read: (store: Store) => Promise<Buffer | undefined>;
}

const putAndSync = async (store: Store): Promise<void> => {
  await store.put(object, NEW);
  await store.sync();
};
const readObject = (store: Store): Promise<Buffer | undefined> => store.get(object);

const CASES: readonly Case[] = [
  { name: "put", before: async () => {}, write: putAndSync, read: readObject },
  {
    name: "put where folders are missing",
    before: async ({ root }) => {
      await rmdir(join(root, "data", pair));
      await rmdir(join(root, "mikura", "tmp"));
    },
    write: putAndSync,
    read: readObject,
  },
  {
    name: "replace",
    before: ({ store }) => store.put(object, OLD),
    write: async (store) => {
      await store.put(object, NEW, { replace: true });
      await store.sync();
    },
    read: readObject,
  },
  {
    name: "note",
    before: ({ store }) => store.writeNote("copy.json", OLD),
    write: (store) => store.writeNote("copy.json", NEW),
    read: (store) => store.readNote("copy.json"),
  },
];

/** Every way to fail, with the code that `write` must then throw; undefined: it must succeed. */
const FAULTS: readonly (Omit<DiskFault, "at"> & { readonly code?: string })[] = [
  { how: "error", errno: "EIO", code: "copy-failed" },
  { how: "error", errno: "ENOSPC", code: "copy-full" },
  { how: "late", errno: "EIO", code: "copy-failed" },
  { how: "error", errno: "EINTR" },
  { how: "short" },
  { how: "lie", code: "object-damaged" },
  { how: "crash", code: "copy-failed" },
];

async function fresh(disk?: TestDisk): Promise<LocalSubject> {
  const subject = await localSubject(disk);
  onTestFinished(() => subject.dispose());
  return subject;
}

const litterOf = (root: string): Promise<string[]> =>
  readdir(join(root, "mikura", "tmp")).catch(() => []);

/** Returns which operations there were. */
async function failOne(
  subject: LocalSubject,
  { before, write, read }: Case,
  fault: DiskFault & { readonly code?: string },
): Promise<readonly string[]> {
  await before(subject);
  const old = await read(subject.store);
  const disk = createTestDisk(fault);
  const failing = createLocalStore({ copy: "test", root: subject.root, disk });
  const said = await write(failing).then(
    () => "well",
    (error: { code?: string }) => error.code,
  );
  const step = disk.log[fault.at - 1];
  if (step !== undefined) expect(said, `at ${step}`).toBe(expectedOf(fault, step));

  const sound = await subject.reopen();
  expect([old, NEW], step).toContainEqual(await read(sound));
  if (said === "well") expect(await read(sound)).toEqual(NEW);
  if (fault.how !== "crash") expect(await litterOf(subject.root), step).toEqual([]);

  await write(sound);
  expect(await read(sound)).toEqual(NEW);
  await sound.sweep();
  expect(await litterOf(subject.root)).toEqual([]);
  await sound.remove(object);
  return disk.log;
}

function expectedOf(
  { how, errno, code }: DiskFault & { readonly code?: string },
  step: string,
): string {
  if (how === "lie" && !step.startsWith("write")) return "well";
  // An interrupted close is not done again (steady-disk.ts): the put fails and is repeated.
  if (errno === "EINTR" && step.startsWith("close")) return "copy-failed";
  return code ?? "well";
}

describe.each(CASES)("local store: every disk operation of $name fails once", (one) => {
  it.each(FAULTS)("with $how $errno", async (fault) => {
    const subject = await fresh();
    let at = 1;
    while ((await failOne(subject, one, { ...fault, at })).length >= at) at++;
    expect(at).toBeGreaterThan(10); // the loop has reached the fsync of the folder
  });
});

describe("local store: order of operations", () => {
  async function logged(work: (store: Store) => Promise<void>): Promise<string[]> {
    const disk = createTestDisk();
    const subject = await fresh(disk);
    await work(subject.store);
    return disk.log.map((line) =>
      line.replace(`${subject.root}/`, "").replace(/-[0-9a-f]{16}$/, ""),
    );
  }
  const temporary = `mikura/tmp/${object.name}`;
  const final = `data/${pair}/${object.name}`;

  it("is: whole file, fsync, rename, fsync of the folder", async () => {
    expect(await logged(putAndSync)).toEqual([
      `lstat ${final}`,
      `lstat mikura`, // not there: is the disk?
      `open:new ${temporary}`,
      `write ${temporary}`,
      `fstat ${temporary}`,
      `chmod:400 ${temporary}`,
      `fsync ${temporary}`,
      `close ${temporary}`,
      `rename ${final}`,
      `open:folder data/${pair}`,
      `fsync data/${pair}`,
      `close data/${pair}`,
    ]);
  });

  it("syncs each folder once for many puts, and none twice", async () => {
    const log = await logged(async (store) => {
      for (let n = 0; n < 20; n++) await store.put(objectOf(Buffer.from([n]), "index"), NEW);
      await store.sync();
      await store.sync();
    });
    expect(log.filter((line) => line === "fsync index")).toHaveLength(1);
  });

  it("syncs the folder also for an object that is there", async () => {
    const log = await logged(async (store) => {
      await putAndSync(store);
      await putAndSync(store);
    });
    expect(log.filter((line) => line === `fsync data/${pair}`)).toHaveLength(2);
    expect(log.filter((line) => line.startsWith("rename"))).toHaveLength(1);
  });

  it("syncs the folder after a removal", async () => {
    const log = await logged((store) => store.remove(object).then(() => store.sync()));
    expect(log).toContain(`fsync data/${pair}`);
  });

  it("syncs a new folder's parent", async () => {
    const subject = await fresh();
    await rmdir(join(subject.root, "data", pair));
    const disk = createTestDisk();
    await putAndSync(createLocalStore({ copy: "test", root: subject.root, disk }));
    expect(disk.log).toContain(`fsync ${join(subject.root, "data")}`);
    expect(disk.log).toContain(`fsync ${join(subject.root, "data", pair)}`);
  });
});

describe("local store: sync", () => {
  it("tries again what it could not sync", async () => {
    const disk = createTestDisk({ at: 11, how: "error" });
    const subject = await fresh(disk);
    await subject.store.put(object, NEW);
    await expect(subject.store.sync()).rejects.toMatchObject({ code: "copy-failed" });
    expect(disk.log[10]).toMatch(/^fsync .*data/);
    await subject.store.sync();
    expect(disk.log.filter((line) => line === disk.log[10])).toHaveLength(2);
  });

  it("does not return while another sync still works on an earlier put", async () => {
    const disk = createTestDisk();
    const subject = await fresh(disk);
    await subject.store.put(object, NEW);
    const first = subject.store.sync();
    await subject.store.sync();
    expect(disk.log.at(-1)).toMatch(/^close .*data/);
    await first;
  });
});

describe("local store: a disk with fewer abilities", () => {
  it("is copy-failed when it is interrupted for ever", async () => {
    const lstat = async (): Promise<never> => {
      throw Object.assign(new Error("EINTR"), { code: "EINTR" });
    };
    const store = createLocalStore({ copy: "test", root: "/none", disk: { ...realDisk, lstat } });
    await expect(store.size(object)).rejects.toMatchObject({ code: "copy-failed" });
  });

  it.each([
    ["fsync", "EINVAL"],
    ["fsync", "ENOTSUP"],
    ["chmod:400", "EPERM"],
    ["chmod:400", "ENOTSUP"],
  ])("does without %s (%s)", async (operation, errno) => {
    const plain = createTestDisk();
    const first = await fresh(plain);
    await putAndSync(first.store);
    for (const [n, line] of plain.log.entries()) {
      if (!line.startsWith(`${operation} `)) continue;
      const disk = createTestDisk({ at: n + 1, how: "error", errno });
      const subject = await fresh(disk);
      await putAndSync(subject.store);
      expect(disk.log[n]).toMatch(operation);
    }
  });
});
