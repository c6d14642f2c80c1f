import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ceph, startCeph } from "../ceph/ceph.ts";
import { type TestSshd, createSshd } from "../conformance/rclone-sshd.ts";
import { type Service, startRestServer } from "../conformance/rest-servers.ts";
import { plainClient } from "../conformance/s3-subject.ts";
import { type Ran, Workbench } from "./workbench.ts";

/** The copies of `RemoteBench`, in the order of its policy. */
export const REMOTE_COPIES = ["office", "warehouse", "branch", "cloud"] as const;
export type RemoteCopyName = (typeof REMOTE_COPIES)[number];

/** The real services that copies are kept on. */
export interface Services extends AsyncDisposable {
  /** restic's REST server with TLS, a password, and `--append-only`. */
  readonly rest: Service;
  readonly sshd: TestSshd;
  readonly ceph: Ceph;
}

export async function startServices(): Promise<Services> {
  const stack = new AsyncDisposableStack();
  try {
    const rest = stack.use(await startRestServer({ appendOnly: true, tls: true }));
    const sshd = stack.adopt(await createSshd(), (one) => one.dispose());
    const ceph = stack.adopt(await startCeph(), (one) => one.stop());
    const all = stack.move();
    return { rest, sshd, ceph, [Symbol.asyncDispose]: () => all.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** What a policy says of each copy; a test may say something else of one. */
export type CopyKeys = Record<string, unknown>;

/** A company with a copy on its own disk and one on each service, all its own. */
export class RemoteBench implements Disposable {
  readonly bench: Workbench = new Workbench();
  readonly bucket: string;
  readonly env: Record<string, string>;
  readonly copies: Record<RemoteCopyName, CopyKeys>;
  readonly #services: Services;

  private constructor(services: Services, name: string) {
    const { rest, sshd, ceph } = services;
    this.#services = services;
    this.bucket = name;
    this.env = { AWS_ACCESS_KEY_ID: ceph.accessKeyId, AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey };
    const own = (file: string, text: string | Buffer): string => {
      const path = join(this.bench.path, file);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    mkdirSync(this.sftpFolder, { recursive: true });
    this.copies = {
      office: { type: "local", path: "./copies/office", site: "本社", medium: "nas" },
      warehouse: {
        type: "rest",
        url: `${rest.origin}/${name}`,
        user: rest.user,
        "password-file": own("rest-password", `${rest.password}\n`),
        "ca-file": own("ca.pem", rest.ca ?? ""),
        site: "倉庫",
        medium: "server",
      },
      branch: {
        type: "rclone",
        remote: `branch:${this.sftpFolder}`,
        config: own("rclone.conf", sshd.section("branch")),
        site: "支店",
        medium: "server",
      },
      cloud: {
        type: "s3",
        endpoint: ceph.endpoint,
        region: ceph.region,
        bucket: name,
        prefix: "mikura",
        credentials: "env",
        "object-lock": "1d",
        site: "クラウド",
        medium: "object-storage",
      },
    };
    this.say();
  }

  /** `name`: of its repository, bucket and so on; once for each run of the services. */
  static async on(services: Services, name: string): Promise<RemoteBench> {
    const s3 = plainClient(services.ceph);
    await s3.createBucket({ Bucket: name, ObjectLockEnabledForBucket: true });
    s3.destroy();
    return new RemoteBench(services, name);
  }

  /** Where the files of "branch" lie on this machine. */
  get sftpFolder(): string {
    return join(this.bench.path, "sftp", "支店");
  }

  /** Where the files of "warehouse" lie on this machine. */
  get restFolder(): string {
    return join(this.#services.rest.folder, this.bucket);
  }

  /** Writes the policy, with these keys of copies instead of the right ones. */
  say(wrong: Partial<Record<RemoteCopyName, CopyKeys>> = {}): void {
    const lines = REMOTE_COPIES.map(
      (name) => `  ${name}: ${JSON.stringify({ ...this.copies[name], ...wrong[name] })}`,
    );
    this.bench.writePolicy(`mikura: 1
demo: true
company: 株式会社みほん商店
language: en
timezone: Asia/Tokyo
site: 本社
key-file: ./agent.key
state: ./state
datasets:
  books: { folders: [./source] }
copies:
${lines.join("\n")}
`);
  }

  start(
    command: string,
    args: readonly string[] = [],
    env: Record<string, string> = {},
  ): ReturnType<Workbench["start"]> {
    return this.bench.start(command, args, { limitMs: 180_000, env: { ...this.env, ...env } });
  }

  async mikura(command: string, ...args: readonly string[]): Promise<Ran> {
    return await this.start(command, args).ended;
  }

  /** What restic, run by hand, needs to open the copy: repository, options, environment. */
  resticAt(name: RemoteCopyName): {
    repository: string;
    options: readonly string[];
    env: Readonly<Record<string, string>>;
  } {
    const { rest, ceph } = this.#services;
    const bench = this.bench;
    if (name === "office") return { repository: bench.copy("office"), options: [], env: {} };
    if (name === "branch")
      return {
        repository: `rclone:branch:${this.sftpFolder}`,
        // Not the one of node_modules, which vitest puts in front.
        options: ["-o", "rclone.program=/usr/bin/rclone"],
        env: { RCLONE_CONFIG: join(bench.path, "rclone.conf") },
      };
    if (name === "warehouse") {
      const { host } = new URL(rest.origin);
      const login = [rest.user ?? "", rest.password ?? ""].map(encodeURIComponent).join(":");
      return {
        repository: `rest:https://${login}@${host}/${this.bucket}/`,
        options: ["--cacert", join(bench.path, "ca.pem")],
        env: {},
      };
    }
    return {
      repository: `s3:${ceph.endpoint}/${this.bucket}/mikura`,
      options: ["-o", "s3.bucket-lookup=path", "-o", `s3.region=${ceph.region}`],
      env: this.env,
    };
  }

  [Symbol.dispose](): void {
    this.bench[Symbol.dispose]();
  }
}
