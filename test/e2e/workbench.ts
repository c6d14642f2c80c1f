import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restic } from "../interop/restic.ts";

const PROJECT = join(import.meta.dirname, "../..");
const NODE = join(PROJECT, "node_modules/.bin/node");
const MAIN = join(PROJECT, "agent/main.ts");

// Programs and threads that begin here load compiled code: half of their start is compiling.
process.env["NODE_COMPILE_CACHE"] ??= join(PROJECT, "node_modules/.cache/mikura-tests");

/** How one run of the command line ended. */
export interface Ran {
  /** Undefined where a signal ended it: what took longer than the limit is killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The document on stdout; reading it throws where stdout is no JSON. */
  readonly json: any; // oxlint-disable-line typescript/no-explicit-any -- tests look into many documents
}

export interface WorkbenchOptions {
  /** Each copy on a tmpfs of its own, and no `demo: true`. Needs root. */
  readonly mounts?: boolean;
  /** Size of each tmpfs, as mount(8) takes it. Default: 256m. */
  readonly mountSize?: string;
  /** Datasets and their folders below the workbench. Default: `{ books: ["source"] }`. */
  readonly datasets?: Readonly<Record<string, readonly string[]>>;
  /** Globs that every dataset leaves out. */
  readonly exclude?: readonly string[];
  /** Folder to make the workbench in. Default: the system's for temporary files. */
  readonly base?: string;
  /** More lines at the end of `copies:`, two spaces deep, such as a `made-by: restic` one. */
  readonly moreCopies?: string;
  /** More keys at the top level of the policy. */
  readonly more?: string;
}

export const COPIES = ["office", "home", "branch"] as const;
export type CopyName = (typeof COPIES)[number];

/** True where this user can mount: root. With CI=true nothing may be left out. */
export const CAN_MOUNT: boolean = process.getuid?.() === 0 || process.env["CI"] === "true";

/** A company in a temporary folder: source, policy, three copies. Gone at the end of the scope. */
export class Workbench implements Disposable {
  readonly path: string;
  /** Folder of the default dataset "books"; exists and is empty. */
  readonly source: string;
  readonly policyFile: string;
  readonly keyFile: string;
  /** Shown by `init`. */
  recoveryCode = "";
  readonly #mounts: string[] = [];
  #targets = 0;

  constructor(options: WorkbenchOptions = {}) {
    // The real path: snapshots hold no other.
    this.path = realpathSync(mkdtempSync(join(options.base ?? tmpdir(), "mikura-bench-")));
    this.source = join(this.path, "source");
    this.policyFile = join(this.path, "mikura.yaml");
    this.keyFile = join(this.path, "agent.key");
    const datasets = options.datasets ?? { books: ["source"] };
    for (const folders of Object.values(datasets)) {
      for (const folder of folders) mkdirSync(join(this.path, folder), { recursive: true });
    }
    for (const name of COPIES) {
      mkdirSync(this.copy(name), { recursive: true });
      if (options.mounts) this.#mount(this.copy(name), options.mountSize ?? "256m");
    }
    this.writePolicy(policyText(options, datasets));
  }

  /** Writes the policy anew; it may be changed between runs. */
  writePolicy(text: string): void {
    writeFileSync(this.policyFile, text);
  }

  /** Folder of a copy. */
  copy(name: CopyName): string {
    return join(this.path, "copies", name);
  }

  /** A name for a folder that is not there yet. */
  newFolder(): string {
    return join(this.path, `target-${++this.#targets}`);
  }

  /** Runs `init` and keeps the recovery code. Throws where it fails. */
  async init(): Promise<void> {
    const ran = await this.mikura("init", "--json");
    if (ran.code !== 0) throw new Error(`init: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
    this.recoveryCode = ran.json.recovery_code;
  }

  /** Runs `mikura COMMAND --policy FILE …` as a program of its own. */
  async mikura(command: string, ...args: readonly string[]): Promise<Ran> {
    return await this.start(command, args).ended;
  }

  /** The same, to be watched or killed while it runs. It is killed after `limitMs` (60 s). */
  start(
    command: string,
    args: readonly string[],
    given: { limitMs?: number; env?: Record<string, string> } = {},
  ): { child: ReturnType<typeof spawn>; ended: Promise<Ran> } {
    const all = [MAIN, command, "--policy", this.policyFile, ...args];
    const child = spawn(NODE, all, {
      cwd: this.path,
      env: { ...process.env, MIKURA_DEBUG: "1", ...given.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: given.limitMs ?? 60_000,
      killSignal: "SIGKILL",
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
    const ended = new Promise<Ran>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        const stdout = Buffer.concat(out).toString();
        const stderr = Buffer.concat(err).toString();
        resolve({
          code: code ?? undefined,
          stdout,
          stderr,
          get json() {
            return JSON.parse(stdout) as unknown;
          },
        });
      });
    });
    return { child, ended };
  }

  /** Runs restic on a copy, unlocked by the agent's key file or by the recovery code. */
  restic(copy: CopyName, args: readonly string[], by: "key" | "code" = "key"): Buffer {
    const password = by === "code" ? this.recoveryCode : { file: this.keyFile };
    return restic(this.copy(copy), password, args, this.path);
  }

  [Symbol.dispose](): void {
    for (const path of this.#mounts) execFileSync("umount", ["--lazy", path]);
    makeRemovable(this.path);
    rmSync(this.path, { recursive: true, force: true });
  }

  #mount(path: string, size: string): void {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "mikura-test", path]);
    this.#mounts.push(path);
  }
}

function policyText(
  options: WorkbenchOptions,
  datasets: NonNullable<WorkbenchOptions["datasets"]>,
): string {
  const sets = Object.entries(datasets).map(
    ([name, folders]) => `  ${name}:
    folders: ${JSON.stringify(folders.map((folder) => `./${folder}`))}
    exclude: ${JSON.stringify(options.exclude ?? [])}
    schedule: "0 12,19 * * 1-5"
    rpo: 24h
    rto: 4h`,
  );
  const media = { office: "nas", home: "usb-disk", branch: "server" };
  const copies = COPIES.map(
    (name) =>
      `  ${name}: { type: local, path: ./copies/${name}, site: ${name}, medium: ${media[name]} }`,
  );
  return `mikura: 1
${options.mounts ? "" : "demo: true\n"}company: 株式会社みほん商店
language: en
timezone: Asia/Tokyo
site: 本社
key-file: ./agent.key
state: ./state
${options.more ?? ""}
datasets:
${sets.join("\n")}
copies:
${copies.join("\n")}
${options.moreCopies ?? ""}
`;
}

/** Opens every folder, so that whoever is not root can remove it too. */
function makeRemovable(path: string | Buffer): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path, { encoding: "buffer" })) {
    makeRemovable(Buffer.concat([Buffer.from(path), Buffer.from("/"), name]));
  }
}
