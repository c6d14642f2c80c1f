import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createSshd, type TestSshd } from "./rclone-sshd.ts";
import { type RcloneBench, rcloneBench, subjectOf, until } from "./rclone-subject.ts";
import { describeStore, objectOf } from "./store-suite.ts";

const large = Buffer.alloc(8 * 1024 * 1024, 7);
let sshd: TestSshd;
beforeAll(async () => void (sshd = await createSshd()));
afterAll(() => sshd.dispose());

async function sftpBench(): Promise<RcloneBench> {
  // The folder is known only inside: an alias leads there.
  return rcloneBench(
    (root) => `${sshd.section("server")}\n[disk]\ntype = alias\nremote = server:${root}\n`,
  );
}

describeStore("rclone, sftp", async () => subjectOf(await sftpBench()), { rounds: 2 });

describe("rclone over sftp, when the server goes away", () => {
  it("never takes it for an empty place, and goes on when it is back", async () => {
    const bench = await sftpBench();
    onTestFinished(() => bench.dispose());
    // rclone itself tries for a while before it says anything: here that is long enough once.
    const env = { ...bench.env, RCLONE_LOW_LEVEL_RETRIES: "1" };
    const store = bench.store({ stallMs: 20_000, env });
    const bytes = Buffer.from("on the other machine");
    const object = objectOf(bytes);
    await store.put(object, bytes);

    await sshd.stop();
    onTestFinished(() => sshd.start());
    const away = { code: "copy-absent", transient: true };
    await expect(store.size(object)).rejects.toMatchObject(away);
    await expect(store.get(object)).rejects.toMatchObject(away);
    await expect(store.list("data")[Symbol.asyncIterator]().next()).rejects.toMatchObject(away);
    await expect(store.readNote("copy.json")).rejects.toMatchObject(away);
    await expect(store.remove(object)).rejects.toMatchObject(away);
    const late = bench.store({ env });
    await expect(late.size(object)).rejects.toMatchObject(away);

    await sshd.start();
    expect(await store.get(object)).toEqual(bytes);
    expect(await late.get(object)).toEqual(bytes);
  });

  it("cuts what is stuck, and does not stay with a dead connection", async () => {
    const bench = await sftpBench();
    onTestFinished(() => bench.dispose());
    const http = bench.http({ stallMs: 2000, graceMs: 2000 });
    const head = { method: "HEAD", path: "config", limit: 0 } as const;
    expect((await http.request(head)).status).toBe(404);
    await sshd.freeze();
    onTestFinished(() => sshd.start());
    const stalled = { code: "copy-absent", transient: true };
    for (let n = 0; n < 3; n++) await expect(http.request(head)).rejects.toMatchObject(stalled);
    await sshd.stop();
    await sshd.start();
    await until(() =>
      http.request(head).then(
        ({ status }) => status === 404,
        () => false,
      ),
    );
  });

  it("leaves no half object when a put is aborted", async () => {
    const bench = await sftpBench();
    onTestFinished(() => bench.dispose());
    const stop = new AbortController();
    const never = Promise.withResolvers<never>();
    let pieces = 0;
    const pace = { take: () => (++pieces > 4 ? never.promise : Promise.resolve()) };
    const http = bench.http({ signal: stop.signal, pace });
    const put = http.request({ method: "POST", path: "config", body: large, limit: 1000 });
    put.catch(() => undefined);
    await until(async () => (await readdir(bench.root)).includes("config"));
    stop.abort(new Error("Ctrl-C"));
    await expect(put).rejects.toThrow("Ctrl-C");
    await http.close();
    expect(await readdir(bench.root)).toEqual([]);
  });
});
