import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { edited, EVERYWHERE } from "./fixture.ts";
import { loadPolicy } from "./load.ts";
import type { Copy, Policy } from "./policy.ts";
import { whereIs } from "./where.ts";

async function load(content: string): Promise<Policy> {
  return loadPolicy("etc/mikura.yaml", {
    readFile: async () => Buffer.from(content),
    env: { HOME: "/home/hanako" },
    cwd: "/srv",
    language: "en",
  });
}

async function copiesIn(content: string): Promise<Record<string, Copy>> {
  return Object.fromEntries((await load(content)).copies.map((copy) => [copy.name, copy]));
}

// Section 5 of the design, without what later issues bring: restore-tests and alerts.
const CONTRACT = `mikura: 1
company: 株式会社みほん商店
language: ja                  # ja | en: messages, reports
timezone: Asia/Tokyo
site: 本社                    # where the original data is
key-file: ./agent.key         # relative to this file; mode 0600
state: ./state                # the ledger; default: the user's state folder

datasets:
  accounts-receivable:
    title: 売掛金
    purpose: 請求と入金消込       # the business that stops without it
    folders: [/srv/ledger/ar]
    exclude: ["~$*", "*.tmp"]
    schedule: "0 12,19 * * 1-5"
    rpo: 24h                   # data that may be lost: older than this is stale
    rto: 4h                    # time that a restore may take: a slower drill fails

copies:
  office: { type: local,  path: /mnt/nas/mikura, site: 本社, medium: nas }
  home:   { type: local,  path: /media/mikura-a, site: 社長宅, medium: usb-disk, rotates: 7d }
  cloud:  { type: s3, endpoint: https://s3.ap-northeast-1.amazonaws.com, region: ap-northeast-1, bucket: mihon, prefix: mikura, site: aws-tokyo, medium: object-storage, object-lock: 30d, credentials: env }
  branch: { type: rclone, remote: "branch:mikura", site: 支店, medium: server }
  server: { type: rest, url: https://backup.example.jp/mikura, password-file: /etc/mikura/rest-password, site: 倉庫, medium: server }

retention: { daily: 14, weekly: 8, monthly: 13, yearly: 10 }
verify:    { schedule: "30 2 * * *", full-pass: 30d }
drill:     { schedule: "0 4 1 * *" }
`;

test("the example of the contract is a policy", async () => {
  const policy = await load(CONTRACT);
  expect(policy.copies.map(({ name, type }) => [name, type])).toEqual([
    ["office", "local"],
    ["home", "local"],
    ["cloud", "s3"],
    ["branch", "rclone"],
    ["server", "rest"],
  ]);
});

test("each type of copy is read, with its defaults", async () => {
  expect(await copiesIn(CONTRACT)).toEqual({
    office: {
      name: "office",
      type: "local",
      paths: ["/mnt/nas/mikura"],
      site: "本社",
      medium: "nas",
    },
    home: {
      name: "home",
      type: "local",
      paths: ["/media/mikura-a"],
      site: "社長宅",
      medium: "usb-disk",
      rotatesS: 604_800,
    },
    cloud: {
      name: "cloud",
      type: "s3",
      endpoint: "https://s3.ap-northeast-1.amazonaws.com",
      region: "ap-northeast-1",
      bucket: "mihon",
      prefix: "mikura",
      pathStyle: false,
      credentials: "env",
      objectLockS: 2_592_000,
      site: "aws-tokyo",
      medium: "object-storage",
    },
    branch: {
      name: "branch",
      type: "rclone",
      remote: "branch:mikura",
      site: "支店",
      medium: "server",
    },
    server: {
      name: "server",
      type: "rest",
      url: "https://backup.example.jp/mikura",
      login: { user: "mikura", passwordFile: "/etc/mikura/rest-password" },
      site: "倉庫",
      medium: "server",
    },
  });
});

test("each type of copy is read, with all it may say", async () => {
  const text = edited("credentials: env", "credentials: { file: ./s3-keys }", EVERYWHERE)
    .replace("config: /etc/mikura/rclone.conf", "config: rclone.conf")
    .replace("/etc/mikura/ca.pem", "ca.pem")
    .replace("url: https://backup.example.jp/mihon", "url: https://Backup.example.jp:443/mihon/")
    .replace("remote: branch:mikura", 'remote: "branch:mikura/"')
    .replace("prefix: mikura", "prefix: mikura/ar/");
  const { home, branch, server, cloud } = await copiesIn(text);
  expect(home).toMatchObject({ paths: ["/media/a/mikura", "/media/b/mikura"], rotatesS: 604_800 });
  expect(branch).toMatchObject({
    remote: "branch:mikura",
    config: "/srv/etc/rclone.conf",
    limit: { bytesPerSecond: 2_000_000, between: { from: 1200, to: 420 } },
  });
  expect(server).toMatchObject({
    url: "https://backup.example.jp/mihon",
    login: { user: "mihon", passwordFile: "/etc/mikura/rest-password" },
    caFile: "/srv/etc/ca.pem",
  });
  expect(cloud).toMatchObject({
    prefix: "mikura/ar",
    credentials: { file: "/srv/etc/s3-keys" },
    storageClass: "STANDARD_IA",
  });
  expect([home, branch, server, cloud].map((copy) => copy && whereIs(copy))).toEqual([
    "/media/a/mikura, /media/b/mikura",
    "rclone branch:mikura",
    "https://backup.example.jp/mihon",
    "s3://mihon-mikura/mikura/ar",
  ]);
});

test.each<[string, string, object]>([
  ["2MB/s", "500KB/s", { limit: { bytesPerSecond: 500_000 } }],
  ["2MB/s", "1.5MiB/s", { limit: { bytesPerSecond: 1_572_864 } }],
  ["2MB/s", "1GB/s", { limit: { bytesPerSecond: 1e9 } }],
  ['"20:00-07:00"', "9:30-24:00", { limit: { between: { from: 570, to: 1440 } } }],
  ["branch:mikura", "My Drive:三蔵/写し", { remote: "My Drive:三蔵/写し" }],
  ["branch:mikura", "branch:/srv/mikura", { remote: "branch:/srv/mikura" }],
])("%s may be %s", async (from, to, expected) => {
  expect((await copiesIn(edited(from, to, EVERYWHERE)))["branch"]).toMatchObject(expected);
});

test.each<[string, string, object]>([
  [
    "    bucket",
    "    endpoint: http://127.0.0.1:7480/\n    bucket",
    { endpoint: "http://127.0.0.1:7480", pathStyle: true },
  ],
  [
    "    bucket",
    '    endpoint: "http://[::1]:7480"\n    bucket',
    { endpoint: "http://[::1]:7480" },
  ],
  ["bucket: mihon-mikura", "bucket: mihon.mikura", { pathStyle: true }],
  ["    prefix: mikura\n", "", { prefix: "" }],
  [
    "region: ap",
    "endpoint: https://s3.example.jp\n    path-style: false\n    region: ap",
    { pathStyle: false },
  ],
  [
    "region: ap-northeast-1",
    "endpoint: https://s3.example.jp\n    region: auto",
    { region: "auto" },
  ],
  ["credentials: env", "credentials: { profile: mikura }", { credentials: { profile: "mikura" } }],
])("%j may be %j", async (from, to, expected) => {
  expect((await copiesIn(edited(from, to, EVERYWHERE)))["cloud"]).toMatchObject(expected);
});

test("copies apart in one bucket, server or remote are no overlap", async () => {
  const more = `${EVERYWHERE}  cloud2: { type: s3, site: 大阪, medium: object-storage, region: us-east-1, bucket: mihon-mikura, prefix: mikura2, credentials: env }
  elsewhere: { type: s3, site: 大阪, medium: object-storage, endpoint: https://s3.example.jp, region: us-east-1, bucket: mihon-mikura, prefix: mikura, credentials: env }
  server2: { type: rest, site: 倉庫, medium: server, url: https://backup.example.jp/mihon2 }
  branch2: { type: rclone, site: 支店, medium: server, remote: "branch:mikura" }
`;
  // Its remote has the same name, but its configuration is another.
  expect(Object.keys(await copiesIn(more))).toHaveLength(9);
});

test("the examples of docs/policy.md are policies", async () => {
  const page = await readFile(new URL("../../docs/policy.md", import.meta.url), "utf8");
  const examples = [...page.matchAll(/```yaml\n(copies:\n.*?)```/gsu)].map(
    ([, text]) => text ?? "",
  );
  const head = EVERYWHERE.slice(0, EVERYWHERE.indexOf("copies:"));
  const types = new Set<string>();
  for (const example of examples)
    for (const { type } of (await load(`demo: true\n${head}${example}`)).copies) types.add(type);
  expect([...types].toSorted()).toEqual(["local", "rclone", "rest", "s3"]);
});
