import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { isObjectName } from "../../agent/copies/object-names.ts";
import { findPlaces } from "../../agent/copies/rclone/config-dump.ts";
import { tryToDelete } from "../../agent/copies/rclone/undeletable.ts";
import { CONFIG, type ListedKind, type Store } from "../../agent/copies/store.ts";
import { RCLONE, type RcloneBench, rcloneBench } from "./rclone-subject.ts";
import { listed, objectOf } from "./store-suite.ts";

const isRoot = process.getuid?.() === 0;

async function bench(): Promise<RcloneBench> {
  const made = await rcloneBench((root) => `[disk]\ntype = alias\nremote = ${root}\n`);
  onTestFinished(() => made.dispose());
  return made;
}

/** rclone as a user who is not root, whom permissions bind. */
async function asNobody({ base, env }: RcloneBench): Promise<Record<string, string>> {
  const program = join(base, "rclone");
  const drop = "setpriv --reuid=65534 --regid=65534 --clear-groups";
  await writeFile(program, `#!/bin/sh\nexec ${drop} ${RCLONE} "$@"\n`);
  await chmod(program, 0o755);
  return { ...env, HOME: "/nonexistent", RCLONE_EXECUTABLE: program };
}

const bytes = Buffer.from("some bytes");
const object = objectOf(bytes);
const pair = object.name.slice(0, 2);

describe.runIf(isRoot)("rclone without the permission", () => {
  it("never takes what it may not see for what is not there", async () => {
    const made = await bench();
    await made.store().put(object, bytes);
    const other = objectOf(Buffer.from("other"));
    await made.store().put(other, Buffer.from("other"));
    const store = made.store({ env: await asNobody(made) });
    expect(await store.get(object)).toEqual(bytes);
    await chmod(join(made.root, "data", pair), 0);

    const refused = { code: "copy-refused", transient: false };
    await expect(store.size(object)).rejects.toMatchObject(refused);
    await expect(store.get(object)).rejects.toMatchObject(refused);
    await expect(store.remove(object)).rejects.toMatchObject(refused);
    await expect(store.put(object, bytes)).rejects.toMatchObject(refused);
    // rclone itself answers 200 here, with the other object only.
    await expect(listed(store, "data")).rejects.toMatchObject(refused);
    await chmod(join(made.root, "data", pair), 0o755);
    expect((await listed(store, "data")).size).toBe(2);
  });

  it("is refused where it may only read", async () => {
    const made = await bench();
    const store = made.store({ env: await asNobody(made) });
    const refused = { code: "copy-refused", transient: false };
    await expect(store.put(object, bytes)).rejects.toMatchObject(refused);
    await expect(store.writeNote("copy.json", bytes)).rejects.toMatchObject(refused);
    expect(await store.size(object)).toBeUndefined();
  });

  it("proves that it cannot delete, by trying", async () => {
    const made = await bench();
    expect(await tryToDelete(made.http(), "branch")).toBe("no");
    expect(await readdir(join(made.root, "mikura"))).toEqual([]);

    // Whoever may write in the folder, but not take away what is in it: a sticky folder of root's.
    const env = await asNobody(made);
    const probe = join(made.root, "mikura", "undeletable-probe");
    await expect(tryToDelete(made.http({ env }), "branch")).rejects.toMatchObject({
      code: "copy-refused",
    });
    await writeFile(probe, "mikura tries to delete this file, and hopes that it cannot.\n");
    expect(await tryToDelete(made.http({ env }), "branch")).toBe("proved");
    await writeFile(probe, "something else");
    expect(await tryToDelete(made.http({ env }), "branch")).toBe("no");
  });
});

describe.runIf(isRoot)("rclone on a full disk", () => {
  it("says so, keeps what is there, and goes on when there is room", async () => {
    const made = await bench();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "mikura-test", made.root]);
    onTestFinished(() => void execFileSync("umount", ["-l", made.root]));
    const store = made.store();
    await store.put(object, bytes);
    await writeFile(join(made.root, "filler"), Buffer.alloc(2_000_000));
    const large = Buffer.alloc(2_000_000, 7);

    await expect(store.put(objectOf(large), large)).rejects.toMatchObject({ code: "copy-full" });
    expect(await listed(store, "data")).toEqual(new Map([[object.name, bytes.length]]));
    expect(await store.size(objectOf(large))).toBeUndefined();
    await rm(join(made.root, "filler"));
    await store.put(objectOf(large), large);
    expect(await store.get(object)).toEqual(bytes);
  });
});

it("sends no faster than it may", async () => {
  const made = await bench();
  const taken: number[] = [];
  const pace = { take: async (count: number) => void taken.push(count) };
  const large = Buffer.alloc(3_000_000, 1);
  await made.http({ pace }).request({ method: "POST", path: "config", body: large, limit: 100 });
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(large.length);
  expect(Math.max(...taken)).toBeLessThanOrEqual(256 * 1024);
});

it("reads its places from rclone's config, without a secret", async () => {
  const made = await rcloneBench(
    (root) =>
      `[disk]\ntype = alias\nremote = ${root}\n[nas]\ntype = sftp\nhost = NAS.example\npass = S3cret\n` +
      `[both]\ntype = union\nupstreams = nas:a "disk:with space:ro"\n`,
    "both:vault",
  );
  onTestFinished(() => made.dispose());
  const { signal } = new AbortController();
  const { env, config, root } = made;
  const asked = { copy: "branch", env, config, signal };
  expect(await findPlaces({ ...asked, remote: "both:vault" })).toEqual([
    { kind: "service", id: "host:nas.example" },
    { kind: "path", path: `${root}/with space/vault` },
  ]);
  const variables = { RCLONE_CONFIG_CLOUD_TYPE: "s3", RCLONE_CONFIG_CLOUD_ACCESS_KEY_ID: "S3cret" };
  const [cloud] = await findPlaces({ ...asked, env: { ...env, ...variables }, remote: "cloud:b" });
  expect(cloud).toMatchObject({
    kind: "service",
    id: expect.stringMatching(/^s3:aws:[0-9a-f]{16}$/),
  });
  await writeFile(config, "RCLONE_ENCRYPT_V0:\nS3cret");
  const locked = findPlaces({ ...asked, remote: "disk:" });
  await expect(locked).rejects.toMatchObject({
    message: expect.not.stringContaining("S3cret"),
  });
  expect(await made.children()).toEqual([]);
});

describe("restic", () => {
  it("opens what was put, object by object", async () => {
    const made = await bench();
    const repository = join(made.base, "repository");
    const source = join(made.base, "source");
    await mkdir(source);
    await writeFile(join(source, "large"), Buffer.alloc(3_000_000, "売掛金"));
    await writeFile(join(source, "small"), "a line\n");
    const env = {
      ...made.env,
      RESTIC_PASSWORD: "a password of the test",
      RCLONE_CONFIG: made.config,
      XDG_CACHE_HOME: made.base,
    };
    const restic = (...args: string[]): string =>
      execFileSync("restic", args, { env, encoding: "utf8" });
    restic("-r", repository, "init", "--repository-version", "2");
    restic("-r", repository, "backup", source);

    const store = made.store({ remote: "disk:支店/vault" });
    await copyInto(store, repository);
    await store.writeNote("copy.json", Buffer.from("{}"));
    const there = ["-r", "rclone:disk:支店/vault", "-o", `rclone.program=${RCLONE}`];
    expect(restic(...there, "check", "--read-data")).toContain("no errors were found");
    // And the other way round: what restic writes, the store sees.
    restic(...there, "backup", "--force", made.config);
    expect((await listed(store, "snapshots")).size).toBe(2);
  });

  async function copyInto(store: Store, repository: string): Promise<void> {
    await store.put(CONFIG, await readFile(join(repository, "config")));
    for (const kind of ["keys", "data", "index", "snapshots"] as const satisfies ListedKind[]) {
      const paths = await readdir(join(repository, kind), { recursive: true });
      for (const path of paths.filter((path) => isObjectName(basename(path)))) {
        const content = await readFile(join(repository, kind, path));
        await store.put({ kind, name: basename(path) }, content);
      }
    }
  }
});
