import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pace } from "../../agent/copies/pace.ts";
import { RemoteFiles } from "../../agent/copies/rest/files.ts";
import { checksHashes } from "../../agent/copies/rest/hash-check.ts";
import { createPlainNotes } from "../../agent/copies/rest/plain-notes.ts";
import { openRest } from "../../agent/copies/rest/rest.ts";
import { createTcpHttp } from "../../agent/copies/rest/tcp-http.ts";
import { CONFIG, type ListedKind } from "../../agent/copies/store.ts";
import { restic } from "../interop/restic.ts";
import {
  LEFT_OUT,
  optionsFor,
  type Service,
  startRclone,
  startRestServer,
} from "./rest-servers.ts";
import { listed, objectOf } from "./store-suite.ts";

const KINDS: readonly ListedKind[] = ["data", "index", "keys", "snapshots", "locks"];
const some = Buffer.from("some bytes");

describe.skipIf(LEFT_OUT.rest !== undefined)("a real restic-rest-server", () => {
  let plain: Service;
  let appendOnly: Service;
  let tls: Service;
  beforeAll(async () => {
    plain = await startRestServer();
    appendOnly = await startRestServer({ appendOnly: true });
    tls = await startRestServer({ tls: true });
  });
  afterAll(async () => {
    for (const service of [plain, appendOnly, tls]) await service[Symbol.asyncDispose]();
  });

  it("is shown to check hashes", async () => {
    const { store, prepare } = openRest(optionsFor(plain, "checks"));
    await prepare();
    const files = new RemoteFiles(createTcpHttp(optionsFor(plain, "checks")), "test");
    expect(await checksHashes(files, "0".repeat(32))).toBe(true);
    expect(await listed(store, "locks")).toEqual(new Map());
    await store.close();
  });

  it("knows no place before it is prepared, whatever is asked", async () => {
    const { store, prepare } = openRest(optionsFor(plain, "none"));
    const noPlace = { code: "copy-absent", transient: false };
    await expect(listed(store, "data")).rejects.toMatchObject(noPlace);
    await expect(store.get(objectOf(some))).rejects.toMatchObject(noPlace);
    await expect(store.size(CONFIG)).rejects.toMatchObject(noPlace);
    await expect(store.readNote("copy.json")).rejects.toMatchObject(noPlace);
    await prepare();
    await prepare();
    expect(await store.size(CONFIG)).toBeUndefined();
    expect(await store.readNote("copy.json")).toBeUndefined();
    await store.close();
  });

  it("refuses a wrong password for good, and the message does not hold it", async () => {
    const options = { ...optionsFor(plain, "denied"), password: "wrong-and-secret" };
    const { store } = openRest(options);
    const denied = { code: "copy-refused", transient: false };
    for (const work of [
      () => listed(store, "data"),
      () => store.get(CONFIG),
      () => store.put(objectOf(some), some),
      () => store.readNote("copy.json"),
      () => store.writeNote("copy.json", some),
    ]) {
      const error: unknown = await work().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(denied);
      expect(JSON.stringify(error)).not.toContain("wrong-and-secret");
    }
    await store.close();
  });

  it("is believed by its own certificate authority and no other way", async () => {
    const { ca, ...without } = optionsFor(tls, "tls");
    const trusted = openRest({ ...without, ...(ca && { ca }) });
    await trusted.prepare();
    await trusted.store.put(CONFIG, some);
    await trusted.store.close();

    const stranger = openRest(without).store;
    const untrusted = { code: "copy-refused", transient: false };
    await expect(stranger.get(CONFIG)).rejects.toMatchObject({
      ...untrusted,
      message: expect.stringContaining("whose certificate cannot be trusted"),
    });
    await stranger.close();

    const otherName = tls.origin.replace("127.0.0.1", "localhost");
    const named = openRest({ ...optionsFor(tls, "tls"), url: `${otherName}/tls` }).store;
    await expect(named.get(CONFIG)).rejects.toMatchObject(untrusted);
    await named.close();
  });

  it("lets nothing of the probe be deleted where it is append-only, and all of it elsewhere", async () => {
    const depths = ["", "r", "user/r"];
    for (const depth of depths) {
      const free = openRest(optionsFor(plain, depth));
      await free.prepare();
      expect(await free.isUndeletable()).toMatchObject({ result: "no" });
      await free.store.close();

      const safe = openRest(optionsFor(appendOnly, depth));
      await safe.prepare();
      for (let again = 0; again < 2; again++)
        expect(await safe.isUndeletable()).toMatchObject({ result: "proved" });
      expect(await listed(safe.store, "snapshots"), "the vault is untouched").toEqual(new Map());
      await safe.store.close();
    }
    const probes = depths.map((depth) => {
      const home = depth === "user/r" ? "user/r-mikura" : join(depth, "mikura");
      return readdirSync(join(appendOnly.folder, home, "snapshots")).length;
    });
    expect(probes, "one probe stays, however often it is tried").toEqual([1, 1, 1]);
  });

  it("keeps notes where it takes them, two files for each", async () => {
    for (const depth of ["notes", "user/notes"]) {
      const { store, prepare } = openRest(optionsFor(appendOnly, depth));
      await prepare();
      for (let n = 0; n < 6; n++) await store.writeNote("heartbeat.json", Buffer.from(`${n}`));
      const next = openRest(optionsFor(appendOnly, depth)).store;
      expect(await next.readNote("heartbeat.json")).toEqual(Buffer.from("5"));
      await store.close();
      await next.close();
    }
    const count = (folder: string): number => readdirSync(join(appendOnly.folder, folder)).length;
    for (const home of ["notes/mikura", "user/notes-mikura"])
      expect([count(`${home}/keys`), count(`${home}/locks`)]).toEqual([1, 1]);
  });

  it("keeps the notes of a user with a private place", async () => {
    await using service = await startRestServer({ flags: ["--private-repos"] });
    for (const depth of ["mikura", "mikura/r"]) {
      const { store, prepare, isUndeletable } = openRest(optionsFor(service, depth));
      await prepare();
      expect(await store.readNote("copy.json")).toBeUndefined();
      await store.writeNote("copy.json", some);
      expect(await store.readNote("copy.json")).toEqual(some);
      expect(await isUndeletable()).toMatchObject({ result: "no" });
      await store.close();
    }
  });

  it("says that it is full, and for good", async () => {
    await using service = await startRestServer({ flags: ["--max-size", "1000000"] });
    const { store, prepare } = openRest(optionsFor(service, "small"));
    await prepare();
    const full = { code: "copy-full", transient: false };
    const large = Buffer.alloc(5_000_000, 1);
    await expect(store.put(objectOf(large), large)).rejects.toMatchObject(full);
    await store.put(objectOf(some), some);
    await store.close();
  });

  it("is killed in the middle of a put, ten times, and has nothing but whole objects", async () => {
    await using first = await startRestServer();
    const bytes = seeded(1, 3_000_000);
    const object = objectOf(bytes);
    for (let time = 0; time < 10; time++) {
      await using service = await startRestServer({ folder: first.folder });
      let pieces = 0;
      const pace: Pace = {
        take: async () => {
          if (++pieces === 4 * time + 1) await service.kill();
        },
      };
      const { store, prepare } = openRest({ ...optionsFor(service, "killed"), pace });
      await prepare();
      expect(await listed(store, "data")).toEqual(new Map());
      await expect(store.put(object, bytes)).rejects.toMatchObject({ transient: true });
      await store.close();
    }
    const { store } = openRest(optionsFor(first, "killed"));
    await store.put(object, bytes);
    expect(await listed(store, "data")).toEqual(new Map([[object.name, bytes.length]]));
    expect((await store.get(object))?.equals(bytes)).toBe(true);
    await store.close();
  });

  it("is cut when it freezes, and answers again when it wakes", async () => {
    await using service = await startRestServer();
    const { store, prepare } = openRest({ ...optionsFor(service, "frozen"), stallMs: 2000 });
    await prepare();
    await store.put(objectOf(some), some);
    service.freeze(true);
    const stalled = {
      code: "copy-absent",
      transient: true,
      message: expect.stringContaining("the connection was cut"),
    };
    await expect(store.get(objectOf(some))).rejects.toMatchObject(stalled);
    await expect(listed(store, "data")).rejects.toMatchObject(stalled);
    service.freeze(false);
    expect(await store.get(objectOf(some))).toEqual(some);
    await store.close();
  });

  it("cannot be reached when it is gone", async () => {
    const service = await startRestServer();
    const { store, prepare } = openRest(optionsFor(service, "gone"));
    await prepare();
    await store.put(objectOf(some), some);
    await service[Symbol.asyncDispose]();
    const absent = { code: "copy-absent", transient: true };
    await expect(store.get(objectOf(some))).rejects.toMatchObject(absent);
    await expect(listed(store, "data")).rejects.toMatchObject(absent);
    await store.close();
  });

  it.each(["plain", "append-only", "with TLS"])(
    "%s: restic opens what the store put there",
    async (which) => {
      const service = which === "plain" ? plain : which === "with TLS" ? tls : appendOnly;
      const base = mkdtempSync(join(tmpdir(), "mikura-rest-restic-"));
      try {
        const source = join(base, "source");
        mkdirSync(source);
        for (let n = 0; n < 20; n++) writeFileSync(join(source, `${n}.bin`), seeded(n, 100_000));
        const local = join(base, "repository");
        restic(local, "test", ["init", "--repository-version", "2"]);
        restic(local, "test", ["backup", source]);

        const { store, prepare } = openRest(optionsFor(service, "vault"));
        await prepare();
        // As on every copy: packs, index, then snapshots; the key, and config last of all.
        for (const kind of ["data", "index", "snapshots", "keys"] as const)
          for (const { name, bytes } of objectsIn(local, kind))
            await store.put({ kind, name }, bytes);
        await store.put(CONFIG, readFileSync(join(local, "config")));
        await store.sync();
        await store.writeNote("copy.json", Buffer.from("{}"));
        for (const kind of KINDS) {
          const there = objectsIn(local, kind).map(({ name, bytes }) => [name, bytes.length]);
          expect(await listed(store, kind)).toEqual(new Map(there as [string, number][]));
        }
        await store.close();

        const { user, password, origin, ca } = service;
        const address = new URL(`${origin}/vault`);
        address.username = user ?? "";
        address.password = encodeURIComponent(password ?? "");
        const trust = join(base, "ca.pem");
        if (ca) writeFileSync(trust, ca);
        const args = ca ? ["--cacert", trust] : [];
        const url = `rest:${address.href}`;
        const checked = restic(url, "test", [...args, "check", "--read-data"]).toString();
        expect(checked).toContain("no errors were found");
        restic(url, "test", [...args, "restore", "latest", "--target", join(base, "back")]);
        const back = join(base, "back", source);
        for (let n = 0; n < 20; n++)
          expect(readFileSync(join(back, `${n}.bin`)).equals(seeded(n, 100_000))).toBe(true);
      } finally {
        rmSync(base, { recursive: true, force: true });
      }
    },
  );
});

describe.skipIf(LEFT_OUT.rclone !== undefined)("a real rclone serve restic", () => {
  let plain: Service;
  let appendOnly: Service;
  beforeAll(async () => {
    plain = await startRclone();
    appendOnly = await startRclone({ appendOnly: true });
  });
  afterAll(async () => {
    for (const service of [plain, appendOnly]) await service[Symbol.asyncDispose]();
  });

  it("is shown to check no hashes, and the probe is gone", async () => {
    for (const service of [plain, appendOnly]) {
      const files = new RemoteFiles(createTcpHttp(optionsFor(service, "checks")), "test");
      expect(await checksHashes(files, "0".repeat(32))).toBe(false);
      const { store } = openRest(optionsFor(service, "checks"));
      expect(await store.sweep()).toBe(0);
      await store.close();
    }
  });

  it("is found out about deleting", async () => {
    const free = openRest(optionsFor(plain, "r"));
    expect(await free.isUndeletable()).toMatchObject({ result: "no" });
    const safe = openRest(optionsFor(appendOnly, "r"));
    expect(await safe.isUndeletable()).toMatchObject({ result: "proved" });
    await free.store.close();
    await safe.store.close();
  });

  it("keeps plain notes as files with their own names", async () => {
    const http = createTcpHttp(optionsFor(plain, "plain"));
    const notes = createPlainNotes(http, "test");
    expect(await notes.read("はじめに読む.txt")).toBeUndefined();
    await notes.write("はじめに読む.txt", Buffer.from("first, and longer"));
    await notes.write("はじめに読む.txt", some);
    expect(await notes.read("はじめに読む.txt")).toEqual(some);
    const file = join(plain.folder, "plain", "mikura", "はじめに読む.txt");
    expect(readFileSync(file)).toEqual(some);
    const large = Buffer.alloc(1024 * 1024 + 1);
    await notes.write("large", large);
    await expect(notes.read("large")).rejects.toMatchObject({ code: "too-large" });
    await http.close();
  });

  it("refuses a second version of a plain note where it is append-only", async () => {
    const http = createTcpHttp(optionsFor(appendOnly, "plain"));
    const notes = createPlainNotes(http, "test");
    await notes.write("copy.json", some);
    const again = notes.write("copy.json", Buffer.from("another"));
    await expect(again).rejects.toMatchObject({ code: "copy-refused" });
    expect(await notes.read("copy.json")).toEqual(some);
    await http.close();
  });
});

function objectsIn(
  repository: string,
  kind: ListedKind,
): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const folder = join(repository, kind);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ name, bytes: readFileSync(join(parentPath, name)) }));
}

/** Bytes that do not compress, the same at each call. */
function seeded(seed: number, length: number): Buffer {
  const pieces = Array.from({ length: Math.ceil(length / 32) }, (_, n) =>
    createHash("sha256").update(`${seed} ${n}`).digest(),
  );
  return Buffer.concat(pieces).subarray(0, length);
}
