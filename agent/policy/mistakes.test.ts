import { describe, expect, test } from "vitest";
import { edited, GOOD, mistakesIn } from "./fixture.ts";

// One a line, as a list of tuples would run over three screens: what stands in GOOD | what is typed
// instead | where it is reported, as the only mistake | what the message says in Japanese | in
// English. ⏎ is a line end, ' stands for the backquote.
const TABLE = String.raw`
# Keys
company: 株 | compny: 株 | 2:1 compny | company: の書き間違い | If you meant company:
timezone: | time_zone: | 4:1 time_zone | timezone: の書き間違い | If you meant timezone:
    title: |     titel: | 11:5 datasets.ar.titel | title: の書き間違い | If you meant title:
state: /var/lib/mikura | colour: red | 7:1 colour | この行を消してください | Remove it
state: /var/lib/mikura | rpo: 24h | 7:1 rpo | datasets.NAME: の下 | under datasets.NAME:
    rpo: 24h |     medium: nas | 15:5 datasets.ar.medium | copies.NAME: の下 | under copies.NAME:
state: /var | alerts: {}⏎state: /var | 7:1 alerts | 残しても何も行われません | nothing would be done with it
    rpo: 24h |     restore-tests: [{ csv: {} }] | 15:5 datasets.ar.restore-tests | 消してください | Remove the line
rotates: 7d | object-lock: 30d | 19:78 copies.home.object-lock | type: s3 の写しです | copies of type s3
    type: local⏎ |     type: local⏎    limit: 10M⏎ | 22:5 copies.branch.limit | type: rclone、rest、s3 | type rclone, rest, s3
    type: local⏎ |     type: local⏎    readable: true⏎ | 22:5 copies.branch.readable | まだ使えません | not available in this version
company: 株式会社みほん商店⏎ |  | 1:1 company | 「company: 株式会社みほん商店」 | 'company: Sample Trading Co.'
    site: 支店⏎ |  | 20:3 copies.branch.site | 「site: 社長宅」 | 'site: owner's home'
    folders: [/srv/ar]⏎ |  | 10:3 datasets.ar.folders | 「folders: [ /srv/ledger/ar ]」 | 'folders: [ /srv/ledger/ar ]'
state: /var | site: 支店⏎state: /var | 7:1 site | 2 回 | written twice
# Values
mikura: 1 | mikura: 2 | 1:9 mikura | 「mikura: 1」 | 'mikura: 1'
mikura: 1 | mikura: "1" | 1:9 mikura | 「mikura: 1」 | 'mikura: 1'
company: 株式会社みほん商店 | company: | 2:1 company | 値が書かれていません | has no value
company: 株式会社みほん商店 | company: 2026 | 2:10 company | "" で囲んで | in quotes ""
language: ja | language: jp | 3:11 language | 「language: ja」 | 'language: ja'
Asia/Tokyo | Asia/Tokio | 4:11 timezone | 「timezone: Asia/Tokyo」 | 'timezone: Asia/Tokyo'
Asia/Tokyo | +09:00 | 4:11 timezone | 「timezone: Asia/Tokyo」 | 'timezone: Asia/Tokyo'
rpo: 24h | rpo: 24 | 15:10 datasets.ar.rpo | 「rpo: 24h」 | 'rpo: 24h'
rpo: 24h | rpo: 3日 | 15:10 datasets.ar.rpo | 「rpo: 3d」 | 'rpo: 3d'
rpo: 24h | rpo: ２４ｈ | 15:10 datasets.ar.rpo | 「rpo: 24h」 | 'rpo: 24h'
"0 12,19 * * 1-5" | 12:30 | 14:15 datasets.ar.schedule | 「schedule: 30 12 * * *」 | 'schedule: 30 12 * * *'
"0 12,19 * * 1-5" | "0 0 12 * * *" | 14:15 datasets.ar.schedule | （6 つです） | has 6 fields
"0 12,19 * * 1-5" | "0 25 * * *" | 14:15 datasets.ar.schedule | 「時」の欄「25」 | hour field "25"
"0 4 1 * *" | "0 4 30 2 *" | 27:20 drill.schedule | 暦に一度も来ません | never comes
daily: 14 | daily: -1 | 26:21 retention.daily | 0 から 1000 | from 0 to 1000
{ daily: 14 } | { daily: 0, weekly: 0, monthly: 0, yearly: 0 } | 26:1 retention | 世代が 1 つも残りません | no snapshot would be kept
medium: nas | medium: NAS | 18:67 copies.office.medium | 「medium: nas」 | 'medium: nas'
type: local, path: /mnt | type: lokal, path: /mnt | 18:19 copies.office.type | 「type: local」 | 'type: local'
[/srv/ar] | /srv/ar | 12:14 datasets.ar.folders | 「folders: [ /srv/ar ]」 | 'folders: [ /srv/ar ]'
[/srv/ar] | [] | 12:14 datasets.ar.folders | 「folders: [ /srv/ledger/ar ]」 | 'folders: [ /srv/ledger/ar ]'
  ar: |   AR: | 10:3 datasets.AR | ar: と書いて | Write ar:
  branch: |   支店: | 20:3 copies.支店 | title や site | title or site
retention: { daily: 14 } | waive: { R1: "no money" } | 26:10 waive.R1 | 省けません | cannot be waived
retention: { daily: 14 } | waive: { R3: " " } | 26:14 waive.R3 | 「R3: 拠点が | 'R3: we have
# Patterns
"*.tmp" | *.tmp | 13:15 datasets.ar.exclude[0] | 「"*.tmp"」 | '"*.tmp"'
"*.tmp" | "*" | 13:15 datasets.ar.exclude[0] | 何も保存されなく | nothing would be backed up
"*.tmp" | "[a-z.tmp" | 13:15 datasets.ar.exclude[0] | かっこが閉じていません | not closed
"*.tmp" | "＊.tmp" | 13:15 datasets.ar.exclude[0] | 「"*.tmp"」 | '"*.tmp"'
"*.tmp" | "/srv/ar/old" | 13:15 datasets.ar.exclude[0] | old/** | old/**
# Paths
[/srv/ar] | [C:\] | 12:15 datasets.ar.folders[0] | 広すぎます | too wide
[/srv/ar] | [/] | 12:15 datasets.ar.folders[0] | 広すぎます | too wide
[/srv/ar] | [D:\経理\売掛金] | 12:15 datasets.ar.folders[0] | 「/mnt/d/経理/売掛金」 | '/mnt/d/経理/売掛金'
[/srv/ar] | [￥srv￥ar] | 12:15 datasets.ar.folders[0] | 「/srv/ar」 | '/srv/ar'
[/srv/ar] | [/srv\ar] | 12:15 datasets.ar.folders[0] | 「/srv/ar」 | '/srv/ar'
path: /mnt/nas/mikura | path: \\nas\share | 18:32 copies.office.path | マウント | Mount the share
./agent.key | ~/agent.key | 6:11 key-file | 省略せずに | Write it in full
./agent.key | ../agent.key | 6:11 key-file | 「key-file: /home/hanako/agent.key」 | 'key-file: /home/hanako/agent.key'
[/srv/ar] | [/srv/ar、/srv/b] | 12:15 datasets.ar.folders[0] | 半角のコンマ | ordinary comma
# Places in one another
/media/usb/mikura | /mnt/nas/mikura/ | 19:30 copies.home.path | 写し office と同じ場所 | same place as copy office
/media/usb/mikura | /mnt/nas/mikura/b | 19:30 copies.home.path | 写し office の場所 | inside copy office
/media/usb/mikura | /srv/ar/mikura | 19:30 copies.home.path | 「path: /media/usb/mikura」 | 'path: /media/usb/mikura'
/media/usb/mikura | /srv | 19:30 copies.home.path | 「path: /media/usb/mikura」 | 'path: /media/usb/mikura'
[/srv/ar] | [/srv/ar, /srv/ar/2026] | 12:24 datasets.ar.folders[1] | この行を消して | Remove it
⏎copies: |   b: { folders: [/srv/ar] }⏎copies: | 16:18 datasets.b.folders[0] | 業務データ ar にも | in dataset ar too
./agent.key | /mnt/nas/mikura/agent.key | 6:11 key-file | 業務データと写しの外に移し | Move it out of data and copies
./agent.key | /srv/ar/agent.key | 6:11 key-file | 業務データと写しの外に移し | Move it out of data and copies
/var/lib/mikura | /mnt/nas/mikura/state | 7:8 state | この行を消すと標準の場所 | Remove the line for the usual place
`;

const ROWS = TABLE.split("\n")
  .filter((row) => row !== "" && !row.startsWith("#"))
  .map((row) => row.replaceAll("⏎", "\n").split(" | "));

describe("a typical mistake is found, alone, at its place, with its remedy", () => {
  test.each(ROWS)("%j -> %j", async (...row) => {
    const [from = "", to = "", place = "", ja = "", en = ""] = row;
    const fault = await mistakesIn(edited(from, to));
    expect(fault).toMatchObject({ code: "policy-unsound", exit: 2 });
    expect(fault.what.ja.split("\n")).toHaveLength(1);
    expect(fault.what.ja).toContain(`mikura.yaml:${place}: `);
    expect(fault.what.en).toContain(`mikura.yaml:${place}: `);
    expect(fault.what.ja).toContain(ja);
    expect(fault.what.en.replaceAll("`", "'")).toContain(en);
  });
});

describe("R1 by count", () => {
  const two = edited(/  home: .*\n/u.exec(GOOD)?.[0] ?? "", "");

  test("two copies are too few", async () => {
    const fault = await mistakesIn(two);
    expect(fault.what.ja).toMatch(
      /^mikura\.yaml:17:1 copies: 写しが 2 つです。3 つ以上要ります → .*home: \{ type: local/u,
    );
    expect(fault.what.en).toContain("there are 2 copies, but 3 or more are needed");
  });

  test("a repository of restic is not counted", async () => {
    const made = GOOD.replace("rotates: 7d", "made-by: restic, password-file: /etc/restic");
    expect((await mistakesIn(made)).mistakes.map(({ key }) => key)).toEqual(["copies"]);
  });

  test("made-by and password-file go together", async () => {
    const lonely = GOOD.replace("rotates: 7d", "password-file: /etc/restic");
    expect((await mistakesIn(lonely)).what.en).toContain("Write it like `made-by: restic`");
  });
});

test("a schedule that begins with * is shown whole, in quotes", async () => {
  const fault = await mistakesIn(edited('"0 12,19 * * 1-5"', "*/30 8,12 * * 1-5 # 30 分ごと"));
  expect(fault.what.en).toMatch(
    /^mikura\.yaml:14:15 datasets\.ar\.schedule: .*`schedule: "\*\/30 8,12 \* \* 1-5"`$/u,
  );
});

test("all mistakes are told at once, in the order of the lines", async () => {
  const many = GOOD.replace("language: ja", "language: en")
    .replace("mikura: 1", "mikura: 3")
    .replace("rpo: 24h", "rpo: soon")
    .replace("./agent.key", "~/agent.key")
    .replace("medium: server", "medium: servr\n  Roof: {}");
  const fault = await mistakesIn(many);
  expect(fault.language).toBe("en");
  expect(fault.mistakes.map(({ line, key }) => `${line} ${key}`)).toEqual([
    "1 mikura",
    "6 key-file",
    "15 datasets.ar.rpo",
    "24 copies.branch.medium",
    "25 copies.Roof",
    "25 copies.Roof.path",
    "25 copies.Roof.type",
    "25 copies.Roof.site",
    "25 copies.Roof.medium",
  ]);
});

test("a message is one line and obeys no terminal, whatever the file says", async () => {
  const fault = await mistakesIn(edited("medium: nas", 'medium: "\\e[31m\\nred"'));
  expect(fault.what.en).not.toMatch(/\p{Cc}/u);
});
