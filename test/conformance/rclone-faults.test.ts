import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Fault } from "../../agent/base/fault.ts";
import type { Pace } from "../../agent/copies/pace.ts";
import { createRcloneHttp } from "../../agent/copies/rclone/rclone-http.ts";
import { processesWith, type RcloneBench, rcloneBench, until } from "./rclone-subject.ts";
import { objectOf } from "./store-suite.ts";

async function bench(sections?: (root: string) => string, remote?: string): Promise<RcloneBench> {
  const alias = (root: string): string => `[disk]\ntype = alias\nremote = ${root}\n`;
  const made = await rcloneBench(sections ?? alias, remote);
  onTestFinished(() => made.dispose());
  return made;
}

/** An rclone of the test's own. */
async function fake(made: RcloneBench, script: string): Promise<Record<string, string>> {
  const program = join(made.base, "rclone");
  await writeFile(program, `#!/bin/sh\necho x >> ${made.base}/starts\n${script}\n`);
  await chmod(program, 0o755);
  return { ...made.env, RCLONE_EXECUTABLE: program };
}

const startsOf = async ({ base }: RcloneBench): Promise<number> =>
  (await readFile(join(base, "starts"), "utf8")).length / 2;

const HEAD = { method: "HEAD", path: "config", limit: 0 } as const;
const large = Buffer.alloc(8 * 1024 * 1024, 7);
const object = objectOf(large);
const path = `data/${object.name}`;

/** Lets so many bytes pass, then none until the test is over. */
function stopAfter(bytes: number): Pace & { readonly stopped: () => boolean } {
  let left = bytes;
  return {
    stopped: () => left <= 0,
    async take(count, signal) {
      left -= count;
      if (left > 0) return;
      const { promise, reject } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      await promise;
    },
  };
}

async function onlyChild(made: RcloneBench): Promise<number> {
  const [child, ...others] = await made.children();
  expect(others).toEqual([]);
  if (child === undefined) throw new Error("No rclone is running");
  return child;
}

async function allStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, "utf8"));
  return (await Promise.all(stats)).every((stat) =>
    stat.slice(stat.lastIndexOf(")")).startsWith(") T"),
  );
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  return work.then(
    () => expect.fail("it went well"),
    (error: Fault) => error,
  );
}

describe("an rclone that cannot work", () => {
  it.each([
    ["exit 0", { code: "copy-failed", transient: false }],
    ["kill -9 $$", { code: "copy-failed", transient: true }],
    [
      `echo 'Failed to create file system: couldn'"'"'t fetch token: invalid_grant: maybe token expired?' >&2; exit 1`,
      { code: "copy-refused", message: expect.stringContaining("sign-in") },
    ],
    [`echo 'dial tcp: lookup x: no such host' >&2; exit 1`, { code: "copy-absent" }],
    ["head -c 100000 /dev/urandom; sleep 1000", { code: "copy-failed" }],
    ["echo HTTP/1.1 400 Bad Request; cat > /dev/null", { code: "copy-failed" }],
  ])("%s", async (script, expected) => {
    const made = await bench();
    const http = made.http({ env: await fake(made, script), graceMs: 300, maxStarts: 3 });
    for (let n = 0; n < 3; n++) {
      await expect(http.request(HEAD)).rejects.toMatchObject(expected);
      expect(await startsOf(made)).toBe(n + 1);
    }
    // Enough: it is not started for ever.
    await expect(http.request(HEAD)).rejects.toMatchObject(expected);
    expect(await startsOf(made)).toBe(3);
    await http.close();
    expect(await made.children()).toEqual([]);
  });

  it.each(["sleep 1000", "trap '' TERM; while true; do sleep 1; done"])(
    "that never answers (%s) is killed",
    async (script) => {
      const made = await bench();
      const http = made.http({ env: await fake(made, script), stallMs: 300, graceMs: 300 });
      const stalled = { code: "copy-absent", transient: true };
      await expect(http.request(HEAD)).rejects.toMatchObject(stalled);
      await until(async () => (await made.children()).length === 0);
    },
  );

  it.each(["", "/nowhere", "rclone", "/tmp"])("that is not there: %j", async (named) => {
    const made = await bench();
    const http = made.http({ env: { PATH: made.base, RCLONE_EXECUTABLE: named } });
    const missing = { code: "copy-failed", message: expect.stringContaining("not installed") };
    await expect(http.request(HEAD)).rejects.toMatchObject(missing);
  });

  it("keeps its secrets", async () => {
    const made = await bench();
    const said = 'oauth2: "access_token":"ya29.S3cretS3cret" https://u:S3cret@host/?key=S3cret';
    const http = made.http({ env: await fake(made, `echo '${said}' >&2; exit 1`), maxStarts: 1 });
    const fault = await faultOf(http.request(HEAD));
    expect(fault.code).toBe("copy-failed");
    expect(
      JSON.stringify([fault.what, fault.next, fault.message, String(fault.cause)]),
    ).not.toMatch(/S3cret/);
  });
});

describe("a remote that is not what the policy says", () => {
  it.each([
    ":local:/tmp",
    ":sftp,host=x,ssh=touch /tmp/evil:",
    "disk,remote=/etc:x",
    "/srv/x",
    "disk",
    "",
    ":",
    "-disk:x",
    "disk:../x",
    "disk:a\nb",
    "--rc:x",
  ])("%j is refused before anything is started", (remote) => {
    const { signal } = new AbortController();
    const make = (): unknown => createRcloneHttp({ copy: "branch", remote, env: {}, signal });
    expect(make).toThrow(expect.objectContaining({ code: "policy-unsound", exit: 2 }) as Error);
  });

  it.each([
    ["", "nowhere:x"],
    ["[gone]\ntype = alias\nremote = nowhere:x\n", "gone:x"],
    ["[new]\ntype = nosuchthing\n", "new:x"],
  ])("%j has no %s", async (config, remote) => {
    const store = (await bench(() => config, remote)).store();
    const absent = { code: "copy-absent", transient: false };
    await expect(store.size(object)).rejects.toMatchObject(absent);
    await expect(store.list("data")[Symbol.asyncIterator]().next()).rejects.toMatchObject(absent);
  });

  it.each(["alias", "chunker"])("is empty where %s leads to a new folder", async (type) => {
    const made = await bench((root) => `[disk]\ntype = ${type}\nremote = ${root}/new\n`);
    const store = made.store();
    expect(await store.size(object)).toBeUndefined();
    await store.put(object, large);
    expect(await store.size(object)).toBe(large.length);
  });
});

describe("rclone that ends or stops in the middle", () => {
  async function midPut(): Promise<{
    made: RcloneBench;
    put: Promise<unknown>;
    retry: () => Promise<void>;
  }> {
    const made = await bench();
    const pace = stopAfter(2 * 1024 * 1024);
    const http = made.http({ pace, stallMs: 1000, graceMs: 500 });
    const put = http.request({ method: "POST", path, body: large, limit: 1000 });
    put.catch(() => undefined);
    await until(pace.stopped);
    // The rest goes through another store: the part that is left must not be in its way.
    const retry = async (): Promise<void> => {
      await http.request(HEAD); // a new child
      const store = made.store();
      await store.put(object, large);
      expect((await store.get(object))?.equals(large)).toBe(true);
    };
    return { made, put, retry };
  }

  it("put: killed", async () => {
    const { made, put, retry } = await midPut();
    process.kill(await onlyChild(made), "SIGKILL");
    await expect(put).rejects.toMatchObject({ code: "copy-failed", transient: true });
    await retry();
  });

  it("get: killed", async () => {
    const made = await bench();
    const http = made.http();
    await mkdir(join(made.root, "keys"));
    await writeFile(join(made.root, "keys", "x"), "");
    await truncate(join(made.root, "keys", "x"), 400 * 1024 * 1024);
    const get = http.request({ method: "GET", path: "keys/x", limit: 2 ** 30 });
    get.catch(() => undefined);
    const moved = async (): Promise<boolean> => {
      const [child] = await made.children();
      const io = await readFile(`/proc/${child}/io`, "utf8").catch(() => "");
      return Number(/^wchar: (\d+)/m.exec(io)?.[1] ?? 0) > 1024 * 1024;
    };
    await until(moved);
    process.kill(await onlyChild(made), "SIGKILL");
    await expect(get).rejects.toMatchObject({ code: "copy-failed", transient: true });
    expect((await http.request({ ...HEAD, path: "keys/x" })).status).toBe(200);
  });

  it("get: stopped, and cut as stalled", async () => {
    const made = await bench();
    const http = made.http({ stallMs: 500, graceMs: 300 });
    await http.request(HEAD);
    const child = await onlyChild(made);
    process.kill(child, "SIGSTOP");
    await until(() => allStopped(child)); // one thread after the other
    const stalled = { code: "copy-absent", transient: true };
    await expect(http.request(HEAD)).rejects.toMatchObject(stalled);
    await until(async () => !(await made.children()).includes(child));
    expect((await http.request(HEAD)).status).toBe(404);
  });

  // Several, and again: whether rclone cleans up before it ends is a matter of luck.
  it.each([1, 2, 3, 4, 5])("put: aborted leaves no child and no half object (%d)", async () => {
    const made = await bench();
    const pace = stopAfter(8 * 1024 * 1024);
    const stop = new AbortController();
    const http = made.http({ pace, signal: stop.signal });
    const names = ["a", "b", "c", "d"];
    const puts = names.map((name) => {
      const put = http.request({ method: "POST", path: `keys/${name}`, body: large, limit: 1000 });
      put.catch(() => undefined);
      return put;
    });
    const folder = join(made.root, "keys");
    await until(async () => (await readdir(folder).catch(() => [])).length === names.length);

    const reason = new Error("Ctrl-C");
    stop.abort(reason);
    for (const put of puts) await expect(put).rejects.toBe(reason);
    await expect(http.request(HEAD)).rejects.toBe(reason);
    await http.close();
    expect(await made.children()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("ends when mikura is killed", async () => {
    const made = await bench();
    const file = join(import.meta.dirname, "../../agent/copies/rclone/rclone-http.ts");
    const script = `
      const { createRcloneHttp } = await import(${JSON.stringify(file)});
      const options = ${JSON.stringify({ copy: "x", remote: "disk:", config: made.config, env: made.env })};
      const http = createRcloneHttp({ ...options, signal: new AbortController().signal });
      await http.request(${JSON.stringify(HEAD)});
      console.log("ready");
      setInterval(() => {}, 1000);`;
    const mikura = spawn(process.execPath, ["--input-type=module", "-e", script, made.base], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(createInterface(mikura.stdout), "line");
    expect(await processesWith(made.config)).toHaveLength(2);
    mikura.kill("SIGKILL");
    await until(async () => (await processesWith(made.config)).length === 0);
  });

  it("starts none when nothing is asked, and one for many requests", async () => {
    const made = await bench();
    const http = made.http();
    expect(await made.children()).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, () => http.request(HEAD)));
    await onlyChild(made);
    await http.close();
    await http.close();
    expect(await made.children()).toEqual([]);
    await expect(http.request(HEAD)).rejects.toThrow("closed");
  });
});
