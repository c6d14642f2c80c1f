import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRcloneHttp, type RcloneOptions } from "../../agent/copies/rclone/rclone-http.ts";
import { openRclone } from "../../agent/copies/rclone/rclone-store.ts";
import type { Http } from "../../agent/copies/rest/http.ts";
import type { Store } from "../../agent/copies/store.ts";
import type { Subject } from "./store-suite.ts";

/** MIKURA_TEST_RCLONE tries another release than the system's. */
// oxlint-disable-next-line no-restricted-properties -- tests choose the program
export const RCLONE: string = process.env["MIKURA_TEST_RCLONE"] ?? "/usr/bin/rclone";

export interface RcloneBench {
  /** Everything of this test lies here. */
  readonly base: string;
  /** Where the remote's files lie on this machine. */
  readonly root: string;
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  http(options?: Partial<RcloneOptions>): Http;
  store(options?: Partial<RcloneOptions>): Store;
  /** Living processes that were started for this bench. */
  children(): Promise<number[]>;
  dispose(): Promise<void>;
}

/** A folder with a config file; `sections` gets the path of the remote's folder. */
export async function rcloneBench(
  sections: (root: string) => string,
  remote = "disk:",
): Promise<RcloneBench> {
  const base = await mkdtemp(join(tmpdir(), "mikura-rclone-"));
  await chmod(base, 0o755);
  const root = join(base, "写し");
  const config = join(base, "rclone.conf");
  await mkdir(root);
  await writeFile(config, sections(root)); // readable for a child that is another user
  const env = { PATH: "/usr/bin:/bin", HOME: base, RCLONE_EXECUTABLE: RCLONE };
  const never = new AbortController();
  const opened: Http[] = [];
  const stores: Store[] = [];
  const whole = (options: Partial<RcloneOptions>): RcloneOptions => {
    const defaults = { copy: "branch", remote, config, env, signal: never.signal };
    return { ...defaults, ...options };
  };
  return {
    base,
    root,
    config,
    env,
    http(options = {}) {
      const http = createRcloneHttp(whole(options));
      opened.push(http);
      return http;
    },
    store(options = {}) {
      const store = openRclone(whole(options)).store;
      stores.push(store);
      return store;
    },
    children: () => processesWith(base),
    async dispose() {
      await Promise.all([...opened, ...stores].map((each) => each.close()));
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** Living processes whose command line holds the text; those that are dead have none. */
export async function processesWith(text: string): Promise<number[]> {
  const pids = execFileSync("ls", ["/proc"], { encoding: "utf8" }).split("\n");
  const found = await Promise.all(
    pids
      .filter((pid) => /^\d+$/.test(pid))
      .map(async (pid) => {
        const said = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        return said.includes(text) ? Number(pid) : undefined;
      }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** The suite's subject over a bench. */
export function subjectOf(
  bench: RcloneBench,
  plant: (path: string, bytes: Uint8Array) => Promise<void> = (path, bytes) =>
    plantFile(join(bench.root, path), bytes),
): Subject {
  return {
    store: bench.store(),
    reopen: async () => bench.store(),
    plant,
    // rclone leaves no temporary files; the probe of a killed run lies in locks/.
    leaveLitter: async () => {
      await plant(`locks/6d696b7572612d70726f62652d6c6f63${"0".repeat(32)}`, Buffer.from("probe"));
      return 1;
    },
    dispose: () => bench.dispose(),
  };
}

export async function plantFile(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** Waits for a condition, at most a minute. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("The condition never held");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
