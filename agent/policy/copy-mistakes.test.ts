import { describe, expect, test } from "vitest";
import { edited, EVERYWHERE, mistakesIn } from "./fixture.ts";

// As the table of mistakes.test.ts, on the policy with a copy of each type: what stands there | what
// is typed instead | where it is reported, as the only mistake | what the message says in Japanese |
// in English. ⏎ is a line end, ' stands for the backquote.
const TABLE = String.raw`
# Types
type: rclone | type: sftp | 18:11 copies.branch.type | 「type: rclone」 | 'type: rclone'
type: s3 | type: S3 | 33:11 copies.cloud.type | 「type: s3」 | 'type: s3'
type: s3 | type: minio | 33:11 copies.cloud.type | 「type: s3」 | 'type: s3'
type: rest | type: https | 25:11 copies.server.type | 「type: rest」 | 'type: rest'
    type: s3⏎ |  | 32:3 copies.cloud.type | type がありません | type is missing
    remote: branch:mikura⏎ |  | 17:3 copies.branch.remote | 「remote: branch:mikura」 | 'remote: branch:mikura'
    url: https://backup.example.jp/mihon⏎ |  | 24:3 copies.server.url | 「url: https://backup.example.jp/mikura」 | 'url: https://backup.example.com/mikura'
    credentials: env⏎ |  | 32:3 copies.cloud.credentials | credentials がありません | credentials is missing
user: mihon | user: mihon⏎    rotates: 7d | 28:5 copies.server.rotates | type: local の写しです | copies of type local
prefix: mikura | path: mikura | 36:5 copies.cloud.path | type: s3 の写しには | in a copy of type s3
prefix: mikura | prefx: mikura | 36:5 copies.cloud.prefx | prefix: の書き間違い | If you meant prefix:
medium: object-storage | medium: tape | 41:13 copies.cloud.medium | object-storage、server、nas | object-storage, server, nas
site: 支店⏎    medium: server | site: 支店⏎    medium: usb-memory | 22:13 copies.branch.medium | 書けるのは disk | only disk
# Disks
    rotates: 7d⏎ |  | 11:3 copies.home.rotates | 「rotates: 7d」 | 'rotates: 7d'
disks: [/media/a/mikura, /media/b/mikura] | disks: [/media/a/mikura, /media/a/mikura/] | 13:30 copies.home.disks[1] | 2 回書かれています | in the list twice
disks: [/media/a/mikura, /media/b/mikura] | disks: [/media/a/mikura, /media/a/mikura/b] | 13:30 copies.home.disks[1] | もう 1 台 | inside another's
disks: [/media/a/mikura, /media/b/mikura] | disks: [/media/a/mikura, b] | 13:30 copies.home.disks[1] | / から | in full
disks: [/media/a/mikura, /media/b/mikura] | disks: [/media/a/mikura, /mnt/nas/mikura] | 13:30 copies.home.disks[1] | 写し office と同じ場所 | same place as copy office
disks: [/media/a/mikura, /media/b/mikura] | disks: /media/a/mikura | 13:12 copies.home.disks | 「disks: [ /media/a/mikura ]」 | 'disks: [ /media/a/mikura ]'
disks: [/media | path: /x/y⏎    disks: [/media | 14:12 copies.home.disks | path と disks の両方 | both path and disks
    disks: [/media/a/mikura, /media/b/mikura]⏎ |  | 11:3 copies.home.path | path がありません | path is missing
rotates: 7d | rotates: 7d⏎    made-by: restic⏎    password-file: /etc/p | 13:12 copies.home.disks | disks は使えません | cannot have disks
# rclone
branch:mikura | ":sftp,host=example.jp,pass=geheim:mikura" | 19:13 copies.branch.remote | rclone config で | rclone config
branch:mikura | "branch,vfs_mode=full:mikura" | 19:13 copies.branch.remote | 接続の設定 | connection settings
branch:mikura | branch | 19:13 copies.branch.remote | 「名前:場所」の形 | NAME:PATH
branch:mikura | "branch:" | 19:13 copies.branch.remote | 「remote: branch:mikura」 | 'remote: branch:mikura'
branch:mikura | "branch:/" | 19:13 copies.branch.remote | 広すぎます | too wide
branch:mikura | /mnt/branch | 19:13 copies.branch.remote | type: local | type: local
branch:mikura | 'C:\mikura' | 19:13 copies.branch.remote | type: local と path | type: local with path
branch:mikura | C:/mikura | 19:13 copies.branch.remote | type: local と path | type: local with path
branch:mikura | rclone:branch:mikura | 19:13 copies.branch.remote | 「remote: branch:mikura」 | 'remote: branch:mikura'
branch:mikura | branch：mikura | 19:13 copies.branch.remote | 「remote: branch:mikura」 | 'remote: branch:mikura'
branch:mikura | rclone sync /a branch:mikura | 19:13 copies.branch.remote | 「名前:場所」の形 | NAME:PATH
branch:mikura | branch:mikura --delete-excluded | 19:13 copies.branch.remote | 「名前:場所」の形 | NAME:PATH
branch:mikura | branch:../mikura | 19:13 copies.branch.remote | 空の部分か「..」 | ".." in its path
branch:mikura | https://example.jp/mikura | 19:13 copies.branch.remote | type: rest と url | type: rest with url
# Addresses
https://backup.example.jp/mihon | https://mihon:geheim@backup.example.jp/mihon | 26:10 copies.server.url | 合言葉は方針書に書けません | no password is ever written
https://backup.example.jp/mihon | https://mihon@backup.example.jp/mihon | 26:10 copies.server.url | user: に | user:
https://backup.example.jp/mihon | http://backup.example.jp/mihon | 26:10 copies.server.url | 「url: https://backup.example.jp/mihon」 | 'url: https://backup.example.jp/mihon'
https://backup.example.jp/mihon | http://192.168.1.5:8000/mihon | 26:10 copies.server.url | 暗号化されない | not encrypted
https://backup.example.jp/mihon | rest:https://backup.example.jp/mihon | 26:10 copies.server.url | 「url: https://backup.example.jp/mihon」 | 'url: https://backup.example.jp/mihon'
https://backup.example.jp/mihon | backup.example.jp/mihon | 26:10 copies.server.url | 「url: https://backup.example.jp/mihon」 | 'url: https://backup.example.jp/mihon'
https://backup.example.jp/mihon | https://backup.example.jp/mihon?token=geheim | 26:10 copies.server.url | ? や # | ? or #
https://backup.example.jp/mihon | https://backup.example.jp/a/../mihon | 26:10 copies.server.url | 「..」 | ".."
https://backup.example.jp/mihon | sftp://backup.example.jp/mihon | 26:10 copies.server.url | 読めません | cannot be read
https://backup.example.jp/mihon | "https://back up.example.jp" | 26:10 copies.server.url | 読めません | cannot be read
bucket: | endpoint: s3.example.jp⏎    bucket: | 35:15 copies.cloud.endpoint | 「endpoint: https://s3.example.jp」 | 'endpoint: https://s3.example.jp'
    bucket: |     endpoint: https://s3.example.jp/mihon-mikura⏎    bucket: | 35:15 copies.cloud.endpoint | 「endpoint: https://s3.example.jp」 | 'endpoint: https://s3.example.jp'
    bucket: |     endpoint: https://mihon-mikura.s3.example.jp⏎    bucket: | 35:15 copies.cloud.endpoint | 「endpoint: https://s3.example.jp」 | 'endpoint: https://s3.example.jp'
    bucket: |     endpoint: https://AKIAX:geheim@s3.example.jp⏎    bucket: | 35:15 copies.cloud.endpoint | credentials: に | credentials:
user: mihon⏎    password-file: /etc/mikura/rest-password | user: mihon | 24:3 copies.server.password-file | password-file がありません | password-file is missing
user: mihon | user: "mihon:geheim" | 27:11 copies.server.user | 「user: mihon」 | 'user: mihon'
# Buckets
mihon-mikura | s3://mihon-mikura | 35:13 copies.cloud.bucket | 「bucket: mihon-mikura」 | 'bucket: mihon-mikura'
mihon-mikura | arn:aws:s3:::mihon-mikura | 35:13 copies.cloud.bucket | 「bucket: mihon-mikura」 | 'bucket: mihon-mikura'
mihon-mikura | mihon-mikura/ar | 35:13 copies.cloud.bucket | 「prefix: ar」 | 'prefix: ar'
mihon-mikura | 三蔵 | 35:13 copies.cloud.bucket | 名前になりません | cannot be the name
mihon-mikura | Mihon-Mikura | 35:13 copies.cloud.bucket | 「bucket: mihon-mikura」 | 'bucket: mihon-mikura'
mihon-mikura | mihon_mikura | 35:13 copies.cloud.bucket | AWS では作れません | AWS has no bucket
mihon-mikura | 192.168.1.5 | 35:13 copies.cloud.bucket | AWS では作れません | AWS has no bucket
bucket: mihon-mikura | bucket: mihon.mikura⏎    path-style: false | 36:17 copies.cloud.path-style | 「path-style: true」 | 'path-style: true'
prefix: mikura | prefix: /mikura | 36:13 copies.cloud.prefix | 「prefix: mikura」 | 'prefix: mikura'
prefix: mikura | prefix: a//b | 36:13 copies.cloud.prefix | 空の部分 | an empty part
prefix: mikura | prefix: a/../b | 36:13 copies.cloud.prefix | 「prefix: mikura」 | 'prefix: mikura'
prefix: mikura | prefix: s3://b/mikura | 36:13 copies.cloud.prefix | アドレスです | is an address
region: ap-northeast-1 | region: 東京 | 34:13 copies.cloud.region | 「region: ap-northeast-1」 | 'region: ap-northeast-1'
region: ap-northeast-1 | region: ap-northeast-1a | 34:13 copies.cloud.region | 「region: ap-northeast-1」 | 'region: ap-northeast-1'
region: ap-northeast-1 | region: auto | 34:13 copies.cloud.region | AWS のリージョン | no AWS region
STANDARD_IA | standard-ia | 37:20 copies.cloud.storage-class | 「storage-class: STANDARD_IA」 | 'storage-class: STANDARD_IA'
STANDARD_IA | DEEP_ARCHIVE | 37:20 copies.cloud.storage-class | 照合も復元訓練も | neither verify nor a drill
object-lock: 30d | object-lock: 12h | 39:18 copies.cloud.object-lock | 短すぎます | too short
object-lock: 30d | object-lock: 600w | 39:18 copies.cloud.object-lock | 長すぎます | too long
object-lock: 30d | object-lock: 30 | 39:18 copies.cloud.object-lock | 単位がありません | has no unit
object-lock: 30d | object-lock: 30日 | 39:18 copies.cloud.object-lock | 「object-lock: 30d」 | 'object-lock: 30d'
# Keys and passwords
credentials: env | credentials: wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY01 | 38:18 copies.cloud.credentials | アクセスキーのありか | where the access keys are
credentials: env | credentials: {} | 38:18 copies.cloud.credentials | アクセスキーのありか | where the access keys are
credentials: env | credentials: { file: ~/.aws/credentials } | 38:26 copies.cloud.credentials.file | 省略せずに | Write it in full
credentials: env | credentials: { profile: 2026 } | 38:29 copies.cloud.credentials.profile | "" で囲んで | in quotes ""
credentials: env | credentials: { file: /a, profile: b } | 38:20 copies.cloud.credentials.file | どちらか 1 つ | either profile or file
credentials: env | credentials: { profile: AKIAIOSFODNN7EXAMPLE } | 38:29 copies.cloud.credentials.profile | アクセスキーのようなもの | looks like a password or an access key
prefix: mikura | secret-access-key: geheim | 36:5 copies.cloud.secret-access-key | 権限 600 | mode 600
prefix: mikura | AWS_SECRET_ACCESS_KEY: geheim | 36:5 copies.cloud.AWS_SECRET_ACCESS_KEY | 権限 600 | mode 600
user: mihon | user: mihon⏎    password: geheim | 28:5 copies.server.password | 方針書に書けません | cannot stand here
company: 株 | password: geheim⏎company: 株 | 2:1 password | 方針書に書けません | cannot stand here
password-file: /etc | pasword-file: /etc | 28:5 copies.server.pasword-file | password-file: の書き間違い | If you meant password-file:
/etc/mikura/rest-password | /srv/ar/rest-password | 28:20 copies.server.password-file | 業務データと写しの外に移し | 'password-file: /etc/mikura/password'
/etc/mikura/rest-password | /mnt/nas/mikura/pw | 28:20 copies.server.password-file | 写し office の場所 | inside copy office
/etc/mikura/rclone.conf | /srv/ar/rclone.conf | 20:13 copies.branch.config | 「config: /etc/mikura/rclone.conf」 | 'config: /etc/mikura/rclone.conf'
credentials: env | credentials: { file: /media/b/mikura/keys } | 38:26 copies.cloud.credentials.file | 写し home の場所 | inside copy home
# Limits
2MB/s | 2 | 23:22 copies.branch.limit.upload | 単位がありません | has no unit
2MB/s | 2MB | 23:22 copies.branch.limit.upload | 「upload: 2MB/s」 | 'upload: 2MB/s'
2MB/s | 2M | 23:22 copies.branch.limit.upload | 「upload: 2MB/s」 | 'upload: 2MB/s'
2MB/s | 16Mbps | 23:22 copies.branch.limit.upload | 「upload: 2MB/s」 | 'upload: 2MB/s'
2MB/s | 800 kbit/s | 23:22 copies.branch.limit.upload | 「upload: 100KB/s」 | 'upload: 100KB/s'
2MB/s | ２ＭＢ／秒 | 23:22 copies.branch.limit.upload | 「upload: 2MB/s」 | 'upload: 2MB/s'
2MB/s | 2mib/s | 23:22 copies.branch.limit.upload | 「upload: 2MiB/s」 | 'upload: 2MiB/s'
2MB/s | 5B/s | 23:22 copies.branch.limit.upload | 遅すぎて | too slow
2MB/s | slow | 23:22 copies.branch.limit.upload | 「upload: 2MB/s」 | 'upload: 2MB/s'
"20:00-07:00" | "20:00-20:00" | 23:38 copies.branch.limit.between | 一日じゅう | the whole day
"20:00-07:00" | "00:00-24:00" | 23:38 copies.branch.limit.between | 一日じゅう | the whole day
"20:00-07:00" | 20時～翌7時 | 23:38 copies.branch.limit.between | 「between: 20:00-07:00」 | 'between: 20:00-07:00'
"20:00-07:00" | 20時から7時まで | 23:38 copies.branch.limit.between | 「between: 20:00-07:00」 | 'between: 20:00-07:00'
"20:00-07:00" | 20-7 | 23:38 copies.branch.limit.between | 「between: 20:00-07:00」 | 'between: 20:00-07:00'
"20:00-07:00" | "20:00-27:00" | 23:38 copies.branch.limit.between | 始まり-終わり | begin-end
{ upload: 2MB/s, between: "20:00-07:00" } | {} | 23:12 copies.branch.limit | limit が空 | limit says nothing
{ upload: 2MB/s, between: "20:00-07:00" } | 2MB/s | 23:12 copies.branch.limit | 「limit: { upload: 2MB/s, between: 20:00-07:00 }」 | 'limit: { upload: 2MB/s, between: 20:00-07:00 }'
{ upload: 2MB/s, between: "20:00-07:00" } | { download: 2MB/s } | 23:14 copies.branch.limit.download | upload、between | upload, between
`;

const ROWS = TABLE.split("\n")
  .filter((row) => row !== "" && !row.startsWith("#"))
  .map((row) => row.replaceAll("⏎", "\n").split(" | "));

describe("a mistake in a copy is found, alone, at its place, with its remedy", () => {
  test.each(ROWS)("%j -> %j", async (...row) => {
    const [from = "", to = "", place = "", ja = "", en = ""] = row;
    const fault = await mistakesIn(edited(from, to, EVERYWHERE));
    expect(fault).toMatchObject({ code: "policy-unsound", exit: 2 });
    expect(fault.what.ja).toContain(`mikura.yaml:${place}: `);
    expect(fault.what.en).toContain(`mikura.yaml:${place}: `);
    expect(fault.what.ja).toContain(ja);
    expect(fault.what.en.replaceAll("`", "'")).toContain(en);
    expect(fault.what.ja.split("\n")).toHaveLength(1);
    expect(`${fault.what.ja}${fault.what.en}`).not.toMatch(/geheim|wJalr/u);
  });
});

describe("two copies in one place", () => {
  const SITE = "site: 東京, medium: object-storage, credentials: env";
  const S3 = `cloud2: { type: s3, ${SITE}, region: us-east-1, bucket: mihon-mikura`;
  const REST = "server2: { type: rest, site: 倉庫, medium: server, url: ";
  const RCLONE = "branch2: { type: rclone, site: 支店, medium: server, remote: ";
  test.each<[string, string]>([
    [`${S3}, prefix: mikura/ }`, "copies.cloud2.prefix"],
    [`${S3}, prefix: mikura/b }`, "copies.cloud2.prefix"],
    // The first copy lies inside the second one, so it is the first that is told to move.
    [`${S3} }`, "copies.cloud.prefix"],
    [`${S3}, endpoint: "https://s3.amazonaws.com", prefix: mikura }`, "copies.cloud2.prefix"],
    [`${REST}"https://BACKUP.example.jp:443/mihon/" }`, "copies.server2.url"],
    [`${REST}"https://backup.example.jp/mihon/b" }`, "copies.server2.url"],
    [`${REST}"https://backup.example.jp/%6Dihon" }`, "copies.server2.url"],
    [`${RCLONE}"branch:mikura/", config: /etc/mikura/rclone.conf }`, "copies.branch2.remote"],
    [`${RCLONE}"branch:mikura/b", config: /etc/mikura/rclone.conf }`, "copies.branch2.remote"],
  ])("%s", async (copy, key) => {
    const { mistakes } = await mistakesIn(`${EVERYWHERE}  ${copy}\n`);
    expect(mistakes.map((mistake) => mistake.key)).toEqual([key]);
    expect(mistakes[0]?.next.ja).toContain("それぞれ専用の置き場所");
  });
});

test("all mistakes of a copy are told at once, those of a copy without a type, too", async () => {
  const text = edited("    type: s3\n", "", EVERYWHERE)
    .replace("object-lock: 30d", "object-lock: 1h")
    .replace("prefix: mikura", "prefx: mikura");
  expect((await mistakesIn(text)).mistakes.map(({ line, key }) => `${line} ${key}`)).toEqual([
    "32 copies.cloud.type",
    "35 copies.cloud.prefx",
    "38 copies.cloud.object-lock",
  ]);
});
