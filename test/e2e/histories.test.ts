import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../agent/base/clock.ts";
import { errnoOf } from "../../agent/base/fault.ts";
import { noProgress } from "../../agent/base/progress.ts";
import { backup } from "../../agent/jobs/backup/backup.ts";
import { Workplace } from "../../agent/jobs/common/workplace.ts";
import { restore } from "../../agent/jobs/restore/restore.ts";
import { verify } from "../../agent/jobs/verify/verify.ts";
import { noise } from "./nasty-source.ts";
import { treeDifferences } from "./same-tree.ts";
import { COPIES, Workbench } from "./workbench.ts";

/** What people do to files. What is not possible (deleting what is not there) is not done. */
type Change =
  | { readonly do: "write" | "append"; readonly at: string; readonly content: Content }
  | { readonly do: "remove" | "folder"; readonly at: string }
  | { readonly do: "rename" | "hard link"; readonly at: string; readonly to: string }
  | { readonly do: "link"; readonly at: string; readonly target: string }
  | { readonly do: "mode"; readonly at: string; readonly mode: number }
  | { readonly do: "time"; readonly at: string; readonly seconds: number };

interface Content {
  readonly seed: number;
  readonly size: number;
}

interface Round {
  readonly changes: readonly Change[];
  /** Where the disk of the copy "branch" is away during the backup. */
  readonly away: boolean;
}

const name = fc.constantFrom("a", "b", "c", "が", "か\u3099", "x\ny", "~$ \"q'", ".hidden");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const content: fc.Arbitrary<Content> = fc.record({
  seed: fc.nat(5),
  size: fc.oneof(
    { weight: 8, arbitrary: fc.nat(2000) },
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1_000_000, max: 3_000_000 }) },
  ),
});
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write"), at: path, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("append"), at: path, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove"), at: path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("folder"), at: path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rename"), at: path, to: path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hard link"), at: path, to: path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("link"), at: path, target: path }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("mode"), at: path, mode: fc.nat(0o7777) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("time"),
      at: path,
      seconds: fc.integer({ min: -(2 ** 31), max: 2 ** 33 }),
    }),
  },
);
const round: fc.Arbitrary<Round> = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 8 }),
  away: fc.boolean(),
});

test("whatever happens to the source, every snapshot restores to what it was at that time", async () => {
  const base = existsSync("/dev/shm") ? "/dev/shm" : undefined;
  using template = new Workbench(base === undefined ? {} : { base });
  await template.init();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 3 }), async (rounds) => {
      using bench = new Workbench(base === undefined ? {} : { base });
      execFileSync("cp", ["-a", `${template.path}/.`, bench.path]);
      await live(bench, rounds, runs++);
    }),
    { seed: 20_260_801, numRuns: 50, endOnFailure: true },
  );
}, 300_000);

async function live(bench: Workbench, rounds: readonly Round[], run: number): Promise<void> {
  const branch = bench.copy("branch");
  const taken: { snapshot: string; was: string }[] = [];
  // In the end the disk is back.
  const last: Round[] = rounds.at(-1)!.away ? [{ changes: [], away: false }] : [];
  for (const [i, { changes, away }] of [...rounds, ...last].entries()) {
    changes.forEach((one) => apply(bench.source, one));
    const was = join(bench.path, `was-${i}`);
    execFileSync("cp", ["-a", bench.source, was]);
    if (away) renameSync(branch, `${branch}-away`);
    const { datasets, copies } = await at(bench, true, (place) =>
      backup(place, place.policy.datasets),
    );
    if (away) renameSync(`${branch}-away`, branch);
    expect(datasets[0]!.fault).toBeUndefined();
    expect(datasets[0]!.troubles).toEqual([]);
    const states = Object.fromEntries(copies.map(({ name: copy, state }) => [copy, state]));
    const known = { office: "current", home: "current", branch: away ? "absent" : "current" };
    expect(states).toEqual(known);
    taken.push({ snapshot: datasets[0]!.snapshot!, was });
  }
  await at(bench, false, async (place) => {
    for (const [i, { snapshot, was }] of taken.entries()) {
      const folder = bench.newFolder();
      const copy = COPIES[(run + i) % COPIES.length]!;
      const to = { folder };
      const given = { copy, to, snapshot, paths: [] };
      const { wrong, manifest } = await restore(place, given);
      expect({ wrong, manifest }).toEqual({ wrong: [], manifest: "known" });
      expect(treeDifferences(was, join(folder, bench.source))).toEqual([]);
    }
  });
  // Now and then, for it costs more: the copy that was away is whole, to the last byte.
  if (run % 5 !== 0) return;
  const { copies } = await at(bench, true, (place) => verify(place, { copy: "branch", all: true }));
  expect(copies).toMatchObject([{ bad: [], verifiedShare: 1 }]);
}

async function at<T>(
  bench: Workbench,
  alone: boolean,
  work: (place: Workplace) => Promise<T>,
): Promise<T> {
  const around = {
    clock: systemClock,
    env: {},
    cwd: bench.path,
    hostname: "pc",
    username: "tester",
    language: "en",
    random: randomBytes,
    progress: noProgress,
    signal: new AbortController().signal,
  } as const;
  await using place = await Workplace.open(bench.policyFile, around, { alone });
  return await work(place);
}

/** Not possible here and now: then nothing is done. */
const IDLE: ReadonlySet<string> = new Set(
  "ENOENT ENOTDIR EEXIST EISDIR ENOTEMPTY EINVAL EPERM ELOOP EBUSY ERR_FS_EISDIR".split(" "),
);

function apply(source: string, one: Change): void {
  const at = join(source, one.at);
  try {
    switch (one.do) {
      case "write":
        mkdirSync(dirname(at), { recursive: true });
        if (isLink(at)) rmSync(at); // never write through a link
        writeFileSync(at, noise(`history ${one.content.seed}`, one.content.size));
        break;
      case "append":
        if (!isLink(at)) appendFileSync(at, noise(`history ${one.content.seed}`, one.content.size));
        break;
      case "remove":
        rmSync(at, { recursive: true });
        break;
      case "folder":
        mkdirSync(at, { recursive: true });
        break;
      case "rename":
        renameSync(at, join(source, one.to));
        break;
      case "hard link":
        linkSync(at, join(source, one.to));
        break;
      case "link":
        symlinkSync(one.target, at);
        break;
      case "mode":
        if (!isLink(at)) chmodSync(at, one.mode);
        break;
      case "time":
        if (!isLink(at)) utimesSync(at, one.seconds, one.seconds);
        break;
    }
  } catch (error) {
    if (!IDLE.has(errnoOf(error) ?? "")) throw error;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
