import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Outcome, WORKS, type Work, contest } from "./contest.ts";
import { CORPORA } from "./corpora.ts";
import { median } from "./measure.ts";

/*
 * npm run bench -- [--scale 1] [--rounds 5] [--seed 1] [--corpus office,database,small] [--in FOLDER]
 *
 * The same work through mikura (three copies) and restic (one copy), side by side in one run. Only
 * the ratio is quoted: machines differ and have moods.
 */

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    corpus: { type: "string", default: CORPORA.map(({ name }) => name).join(",") },
    in: { type: "string", default: tmpdir() },
  },
});
const names = new Set(values.corpus.split(","));
const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", LANG: "C.UTF-8" };
const folder = mkdtempSync(join(values.in, "mikura-bench-"));
const results: { corpus: string; rounds: Outcome[] }[] = [];

try {
  const restic = execFileSync("restic", ["version"], { encoding: "utf8" }).trim();
  console.log(
    `${cpus()[0]?.model ?? "cpu"}, ${cpus().length} cores; node ${process.version}; ${restic}`,
  );
  for (const corpus of CORPORA.filter(({ name }) => names.has(name))) {
    const rounds: Outcome[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const given = { seed: Number(values.seed), scale: Number(values.scale), round };
      rounds.push(await contest(corpus, join(folder, corpus.name), env, given));
    }
    results.push({ corpus: corpus.name, rounds });
    console.log(`\n${corpus.name}: ${corpus.about}, scale ${values.scale}`);
    console.log(tableOf(rounds));
  }
  const out = fileURLToPath(new URL("out/", import.meta.url));
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, "result.json"),
    JSON.stringify({ restic, node: process.version, results }, undefined, 2),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tableOf(rounds: readonly Outcome[]): string {
  const lines = ["work            mikura x3      restic x1   ratio   peak mikura   peak restic"];
  for (const work of WORKS) lines.push(rowOf(rounds, work));
  const size = rounds.at(-1)!.size;
  lines.push(`one copy        ${mb(size.mikura)}     ${mb(size.restic)}`);
  return lines.join("\n");
}

function rowOf(rounds: readonly Outcome[], work: Work): string {
  const ours = rounds.map((round) => round.mikura[work]);
  const theirs = rounds.map((round) => round.restic[work]);
  const ratio = median(ours.map(({ seconds }, i) => seconds / theirs[i]!.seconds));
  const seconds = (all: typeof ours): string =>
    `${median(all.map((one) => one.seconds)).toFixed(2)} s`.padStart(10);
  const peak = (all: typeof ours): string => mb(Math.max(...all.map((one) => one.peak)));
  return `${work.padEnd(14)}${seconds(ours)}     ${seconds(theirs)}   ${ratio.toFixed(2).padStart(5)}   ${peak(ours)}     ${peak(theirs)}`;
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`.padStart(9);
}
