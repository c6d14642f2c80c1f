import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawFromText, rawJoin, rawToBytes, rawToExactText } from "../../agent/base/raw-name.ts";
import {
  NASTY_NAMES,
  fillLinks,
  fillModes,
  fillNames,
  fillHoles,
  fillSpecials,
  fillTimes,
  noise,
} from "../e2e/nasty-source.ts";
import { treeDifferences } from "../e2e/same-tree.ts";
import { Workbench } from "../e2e/workbench.ts";
import { NO_RESTIC, restic } from "./restic.ts";

const PASSWORD = "売掛金 pass word";
const FILLS = [fillNames, fillLinks, fillModes, fillTimes, fillHoles];

describe.skipIf(NO_RESTIC !== undefined)("a repository that restic keeps", () => {
  let bench: Workbench;
  let server: Disposable | undefined;
  const at = (name: string): string => join(bench.path, name);
  const byRestic = (repository: string, ...args: string[]): string =>
    restic(at(repository), PASSWORD, args, bench.path).toString();
  /** Ids as `restic snapshots` lists them, oldest first. */
  const idsOf = (repository: string): string[] =>
    (JSON.parse(byRestic(repository, "snapshots", "--json")) as { id: string }[]).map(
      ({ id }) => id,
    );

  beforeAll(async () => {
    const entry = (name: string): string =>
      `  ${name}: { type: local, path: ./${name}, site: 倉庫, medium: nas, made-by: restic, password-file: ./password }`;
    bench = new Workbench({ moreCopies: `${entry("v2")}\n${entry("v1")}` });
    writeFileSync(at("password"), `${PASSWORD}\n`);
    for (const fill of FILLS) {
      mkdirSync(join(bench.source, fill.name));
      fill(join(bench.source, fill.name));
    }
    mkdirSync(join(bench.source, "specials"));
    server = await fillSpecials(join(bench.source, "specials"));
    writeFileSync(join(bench.source, "large"), noise("large", 9_000_000));
    // restic 0.14 cannot hold these, so neither can its repository.
    for (const name of NASTY_NAMES.filter((raw) => rawToExactText(raw) === undefined))
      rmSync(rawToBytes(rawJoin(rawFromText(join(bench.source, "fillNames/links")), name)));
    execFileSync("cp", ["-a", bench.source, at("first")]);
    for (const version of ["1", "2"]) {
      const repository = `v${version}`;
      byRestic(repository, "init", "--repository-version", version);
      byRestic(repository, "backup", bench.source);
    }
    writeFileSync(join(bench.source, "fillLinks/file"), "another content");
    renameSync(join(bench.source, "large"), join(bench.source, "moved"));
    for (const repository of ["v1", "v2"]) byRestic(repository, "backup", bench.source);
    await bench.init();
  });
  afterAll(() => {
    server?.[Symbol.dispose]();
    bench[Symbol.dispose]();
  });

  describe.each(["v1", "v2"])("of version %s", (repository) => {
    test("is listed", async () => {
      const ran = await bench.mikura("snapshots", "--copy", repository, "--json");
      expect(ran.code, ran.stderr).toBe(0);
      const listed = ran.json.snapshots as { id: string; paths: string[]; copies: string[] }[];
      expect(listed.map(({ id }) => id)).toEqual(idsOf(repository));
      expect(listed[0]).toMatchObject({ paths: [bench.source], copies: [repository] });
    });

    test("is verified to the last byte, and not a byte or time of it changes", async () => {
      execFileSync("cp", ["-a", at(repository), at(`${repository}-before`)]);
      const ran = await bench.mikura("verify", "--copy", repository, "--all", "--json");
      expect(ran.code, ran.stdout).toBe(0);
      const files = filesOf(at(repository));
      expect(ran.json.copies).toEqual([
        {
          name: repository,
          objects_read: files.length,
          bytes_read: files.reduce((sum, path) => sum + statSync(path).size, 0),
          verified_share: 1,
          bad: [],
        },
      ]);
      expect(treeDifferences(at(`${repository}-before`), at(repository))).toEqual([]);
      rmSync(at(`${repository}-before`), { recursive: true });
    });

    test("is restored as the source was, each of its snapshots", async () => {
      const [first, second] = idsOf(repository);
      for (const [id, source] of [
        [first!, at("first")],
        [second!, bench.source],
      ] as const) {
        const target = bench.newFolder();
        const args = ["--copy", repository, "--snapshot", id, "--to", target, "--json"];
        const ran = await bench.mikura("restore", ...args);
        expect(ran.code, ran.stdout + ran.stderr).toBe(0);
        expect(ran.json).toMatchObject({ snapshot: id, manifest: "none", wrong: [] });
        expect(treeDifferences(source, join(target, bench.source))).toEqual([]);
        rmSync(target, { recursive: true });
      }
    });

    test("is restored where the snapshot has relative paths", async () => {
      mkdirSync(at(`loose/${repository}`), { recursive: true });
      writeFileSync(at(`loose/${repository}/file`), repository);
      byRestic(repository, "backup", `loose/${repository}`);
      const target = bench.newFolder();
      const ran = await bench.mikura("restore", "--copy", repository, "--to", target);
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      expect(treeDifferences(at(`loose/${repository}`), join(target, "loose", repository))).toEqual(
        [],
      );
      byRestic(repository, "forget", idsOf(repository)[2]!, "--prune");
    });
  });

  test("is read by `verify --all`, not by a day's `verify`, and leaves no trace in the ledger", async () => {
    await bench.mikura("backup", "--json");
    const names = (json: { copies: { name: string }[] }): string[] =>
      json.copies.map(({ name }) => name);
    const all = await bench.mikura("verify", "--all", "--json");
    expect(all.code, all.stdout).toBe(0);
    expect(names(all.json)).toEqual(["office", "home", "branch", "v2", "v1"]);
    expect(names((await bench.mikura("verify", "--json")).json)).toEqual([
      "office",
      "home",
      "branch",
    ]);
    const drift = await bench.mikura("drift", "--json");
    expect(drift.json).toEqual({ findings: [] });
  });

  test("that is damaged is named with what is damaged, and never restored wrongly", async () => {
    const packs = filesOf(join(at("v2"), "data"));
    const [pack] = packs.sort((a, b) => statSync(b).size - statSync(a).size);
    const good = readFileSync(pack!);
    const bad = Buffer.from(good);
    bad[1000]! ^= 4;
    chmodSync(pack!, 0o600);
    writeFileSync(pack!, bad);

    const verified = await bench.mikura("verify", "--copy", "v2", "--all", "--json");
    expect(verified.code).toBe(4);
    expect(verified.json.copies[0]).toMatchObject({
      verified_share: 0,
      bad: [{ object: `data/${pack!.slice(-64)}`, kind: "damaged" }],
    });
    const target = bench.newFolder();
    const restored = await bench.mikura("restore", "--copy", "v2", "--to", target, "--json");
    expect(restored.code).toBe(4);
    const differences = treeDifferences(bench.source, join(target, bench.source));
    expect(restored.json.wrong.length).toBeGreaterThan(0);
    // What came back wrong is not there at all, nor are its other names; all else is right.
    expect(differences.every((line) => line.includes("only in the first"))).toBe(true);
    expect(differences).toHaveLength(restored.json.wrong.length);

    rmSync(pack!);
    const again = await bench.mikura("verify", "--copy", "v2", "--all", "--json");
    expect(again.code).toBe(4);
    expect(again.json.copies[0].bad).toMatchObject([
      { object: `data/${pack!.slice(-64)}`, kind: "missing" },
    ]);
    writeFileSync(pack!, good);
    expect((await bench.mikura("verify", "--copy", "v2", "--all")).code).toBe(0);
  });

  test("whose config is damaged is not called good", async () => {
    const config = join(at("v1"), "config");
    const good = readFileSync(config);
    const bad = Buffer.from(good);
    bad[50]! ^= 1;
    chmodSync(config, 0o600);
    writeFileSync(config, bad);
    const ran = await bench.mikura("verify", "--copy", "v1", "--json");
    expect(ran.code).toBe(4);
    expect(ran.json.copies[0].bad).toMatchObject([{ object: "config", kind: "damaged" }]);
    writeFileSync(config, good);
  });

  test("whose password is wrong or missing is said to be so, by name of the file", async () => {
    writeFileSync(at("password"), "another");
    const wrong = await bench.mikura("verify", "--copy", "v2", "--json");
    expect(wrong.code).toBe(1);
    expect(wrong.json.copies[0]).toMatchObject({ name: "v2", error: { code: "key-wrong" } });
    rmSync(at("password"));
    const missing = await bench.mikura("snapshots", "--copy", "v2", "--json");
    expect(missing.code).toBe(2);
    expect(missing.json.error).toMatchObject({ code: "key-missing" });
    expect(missing.json.error.message).toContain(at("password"));
    writeFileSync(at("password"), PASSWORD);
    rmSync(at("v1"), { recursive: true });
    const absent = await bench.mikura("verify", "--copy", "v1", "--json");
    expect(absent.code).toBe(1);
    expect(absent.json.copies[0].error.code).toBe("copy-absent");
  });

  function filesOf(folder: string): string[] {
    const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return all.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
  }
});
