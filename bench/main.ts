import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chartOf } from "./chart.ts";
import { type Outcome, contest } from "./contest.ts";
import { CORPORA } from "./corpora.ts";
import { type CorpusResult, rowsOf, tableOf } from "./table.ts";

/*
 * npm run bench -- [--scale 1] [--rounds 5] [--seed 1] [--corpus office,database,small] [--in FOLDER]
 *
 * The same work through mikura (three copies) and restic (one copy), side by side in one run. Only
 * the ratio is quoted: machines differ and have moods. Text, JSON and a chart go to bench/out.
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
// npm puts node_modules/.bin first, where rclone.js has a script called rclone.
const path = (process.env["PATH"] ?? "").split(delimiter).filter((one) => !one.endsWith(".bin"));
const env = { PATH: path.join(delimiter), HOME: process.env["HOME"] ?? "", LANG: "C.UTF-8" };
const folder = mkdtempSync(join(values.in, "mikura-bench-"));
const results: CorpusResult[] = [];

try {
  const restic = execFileSync("restic", ["version"], { env, encoding: "utf8" }).trim();
  const machine = `${cpus()[0]?.model.trim() ?? "cpu"}, ${cpus().length} cores; node ${process.version}; ${restic}; ${values.rounds} rounds, scale ${values.scale}`;
  console.log(machine);
  for (const corpus of CORPORA.filter(({ name }) => names.has(name))) {
    const rounds: Outcome[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const given = { seed: Number(values.seed), scale: Number(values.scale), round };
      rounds.push(await contest(corpus, join(folder, corpus.name), env, given));
    }
    const result = { corpus: corpus.name, about: corpus.about, rounds };
    results.push(result);
    console.log(`\n${tableOf(result)}`);
  }
  const out = fileURLToPath(new URL("out/", import.meta.url));
  mkdirSync(out, { recursive: true });
  const medians = results.map(({ corpus, rounds }) => ({ corpus, rows: rowsOf(rounds) }));
  const json = JSON.stringify({ machine, medians, results }, undefined, 2);
  writeFileSync(join(out, "result.json"), `${json}\n`);
  writeFileSync(join(out, "table.txt"), `${machine}\n\n${results.map(tableOf).join("\n\n")}\n`);
  writeFileSync(join(out, "chart.svg"), chartOf(results, machine));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
