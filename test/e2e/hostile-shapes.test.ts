import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { rawFromText } from "../../agent/base/raw-name.ts";
import { type Id, idOf } from "../../agent/vault/ids.ts";
import { parseTime } from "../../agent/vault/rfc3339.ts";
import { MANIFEST_HEAD, manifestLine, manifestTail } from "../../agent/vault/manifest.ts";
import { type ForgedNode, Forger, TIME } from "./forger.ts";
import { type Ran, Workbench } from "./workbench.ts";

// Vaults whose every hash and seal is right, and whose shape is an attack on whoever reads them.

const LIMIT_MS = 20_000;
const GOOD = Buffer.from("good content");
const MIB = 1024 * 1024;

let bench: Workbench;
let forger: Forger;
let honest: Id;

beforeAll(async () => {
  bench = new Workbench();
  writeFileSync(join(bench.source, "book"), "an honest file");
  await bench.init();
  const ran = await bench.mikura("backup", "--json");
  honest = ran.json.datasets[0].snapshot;
});
beforeEach(async () => {
  forger = await Forger.in(bench, "office");
});
afterAll(() => bench[Symbol.dispose]());

async function limited(command: string, ...args: string[]): Promise<Ran> {
  const ran = await bench.start(command, [...args, "--json"], { limitMs: LIMIT_MS }).ended;
  expect(ran.code, `${command} ${args.join(" ")}: hung or was killed`).toBeDefined();
  return ran;
}

async function restore(snapshot: Id, ...args: string[]): Promise<Ran> {
  return await limited("restore", "--copy", "office", "--snapshot", snapshot, ...args);
}

/** No command hangs on the snapshot, and the honest one beside it still comes back. */
async function everyCommandEnds(snapshot: Id): Promise<void> {
  const zip = `${bench.newFolder()}.zip`;
  const zipped = await restore(snapshot, "--zip", zip);
  expect(zipped.code, zipped.stdout).toBe(4);
  expect(existsSync(zip) || existsSync(`${zip}.part`)).toBe(false);
  const target = bench.newFolder();
  const restored = await restore(snapshot, "--to", target);
  expect(restored.code, restored.stdout).toBe(4);
  const one = await restore(snapshot, "--to", bench.newFolder(), "/good");
  expect(one.code, one.stdout).not.toBe(undefined);
  const drilled = await limited("drill", "--copy", "office", "--snapshot", snapshot);
  expect(drilled.code, drilled.stdout).not.toBe(0);
  await limited("diff", honest, snapshot, "--copy", "office");
  const verified = await limited("verify", "--all", "--copy", "office");
  expect([0, 4]).toContain(verified.code);
  expect((await restore(honest, "--to", bench.newFolder())).code).toBe(0);
}

test("41 trees that name each other twice, 2^40 paths, are refused by every command", async () => {
  let tree = forger.tree([]);
  for (let i = 0; i < 41; i++)
    tree = forger.tree([forger.folder("a", tree), forger.folder("b", tree)]);
  await everyCommandEnds(forger.publish([forger.file("good", GOOD), forger.folder("wide", tree)]));
});

test("a chain of 20000 folders, deeper than any path, is refused by every command", async () => {
  let tree = forger.tree([]);
  for (let i = 0; i < 20_000; i++) tree = forger.tree([forger.folder("d", tree)]);
  await everyCommandEnds(forger.publish([forger.file("good", GOOD), forger.folder("deep", tree)]));
});

test("a tree of 256 MiB of blank space in 8 KiB ends, and nothing else is harmed", async () => {
  const space = Buffer.alloc(256 * MIB, " ");
  space.write('{"nodes":[]');
  space.write("}\n", space.length - 2);
  const snapshot = forger.publish([
    forger.file("good", GOOD),
    forger.folder("blank", forger.blob("tree", space)),
  ]);
  const target = bench.newFolder();
  const ran = await restore(snapshot, "--to", target);
  if (ran.code === 0) expect(readFileSync(join(target, "good"))).toEqual(GOOD);
  else expect(ran.code).toBe(4);
});

test("a tree blob that is a list of 2 million nameless nodes is refused", async () => {
  const text = `{"nodes":[${"{},".repeat(2_000_000)}{}]}`;
  const snapshot = forger.publish([forger.folder("many", forger.blob("tree", Buffer.from(text)))]);
  const ran = await restore(snapshot, "--to", bench.newFolder());
  expect(ran.code, ran.stdout).toBe(4);
});

test("a manifest of 10 GiB out of one blob is refused before it fills the memory", async () => {
  const blob = forger.blob("data", Buffer.alloc(128 * MIB, "\n"));
  const content = Array.from({ length: 80 }, () => blob);
  const snapshot = forger.publish([
    forger.folder(".mikura", [
      forger.file("manifest.json", content, { size: 80 * 128 * MIB }),
      forger.file("SHA256SUMS", GOOD),
    ]),
    forger.file("good", GOOD),
  ]);
  const target = bench.newFolder();
  const ran = await restore(snapshot, "--to", target);
  expect(ran.code, ran.stdout + ran.stderr).toBe(4);
});

test.each<[what: string, manifest: () => Buffer]>([
  ["no JSON", () => Buffer.from("not a manifest")],
  ["no end", () => Buffer.from(MANIFEST_HEAD + manifestLine(said(GOOD), true))],
  ["a line that is no entry", () => Buffer.from(`${MANIFEST_HEAD}\n{"path":7}\n]}\n`)],
])(
  "a manifest with %s is damage that is named, not a defect of mikura",
  async (_what, manifest) => {
    const ran = await restore(withManifest(manifest()), "--to", bench.newFolder());
    expect(ran.code, ran.stdout).toBe(4);
    expect(ran.json.error.code).not.toBe("internal");
  },
);

test("what a manifest says is believed more than the tree: other content is never exit 0", async () => {
  const other = Buffer.from("GOOD CONTENT");
  const target = bench.newFolder();
  const ran = await restore(withManifest(manifestOf(other)), "--to", target);
  expect(ran.code).toBe(4);
  expect(ran.json).toMatchObject({ manifest: "own", wrong: [{ path: "good", why: "differs" }] });
  expect(existsSync(join(target, "good"))).toBe(false);
});

test("hard links that the manifest knows with other contents are never exit 0", async () => {
  const link = { links: 2, inode: 77, device_id: 5 };
  const lines = [
    manifestLine({ ...said(GOOD), path: rawFromText("a") }, true),
    manifestLine({ ...said(Buffer.from("GOOD CONTENT")), path: rawFromText("b") }, false),
  ];
  const snapshot = forger.publish([
    mikura(Buffer.from(MANIFEST_HEAD + lines.join("") + manifestTail([]))),
    forger.file("a", GOOD, link),
    forger.file("b", GOOD, link),
  ]);
  const ran = await restore(snapshot, "--to", bench.newFolder());
  expect(ran.code, ran.stdout).toBe(4);
  expect(ran.json.wrong).toEqual([{ path: "b", why: "differs" }]);
});

test("a manifest full of paths outside leads to nothing outside", async () => {
  const evil = { ...said(GOOD), path: rawFromText("../../evil") };
  const target = bench.newFolder();
  const lines = manifestLine(said(GOOD), true) + manifestLine(evil, false);
  const snapshot = withManifest(Buffer.from(MANIFEST_HEAD + lines + manifestTail([])));
  const ran = await restore(snapshot, "--to", target);
  expect(ran.code).toBe(4);
  expect(ran.json.wrong).toEqual([{ path: "../../evil", why: "missing" }]);
  expect(execFileSync("find", [bench.path, "-name", "evil*"]).toString()).toBe("");
});

function said(content: Buffer): Parameters<typeof manifestLine>[0] {
  const sha256 = idOf(content);
  return {
    path: rawFromText("good"),
    type: "file",
    mode: 0o644,
    mtime: parseTime(TIME)!,
    size: 12,
    sha256,
  };
}

function manifestOf(content: Buffer): Buffer {
  return Buffer.from(MANIFEST_HEAD + manifestLine(said(content), true) + manifestTail([]));
}

function mikura(manifest: Buffer): ForgedNode {
  return forger.folder(".mikura", [
    forger.file("SHA256SUMS", GOOD),
    forger.file("manifest.json", manifest),
  ]);
}

function withManifest(manifest: Buffer): Id {
  return forger.publish([mikura(manifest), forger.file("good", GOOD)]);
}
