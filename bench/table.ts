import type { Outcome } from "./contest.ts";
import { WORKS, type Work } from "./contest.ts";
import { type Measured, median } from "./measure.ts";

export interface CorpusResult {
  readonly corpus: string;
  readonly about: string;
  readonly rounds: readonly Outcome[];
}

/** One work on one corpus: medians over the rounds, and the median of the rounds' ratios. */
export interface Row {
  readonly work: Work;
  readonly mikura: number;
  readonly restic: number;
  readonly ratio: number;
  /** Largest resident memory of any round, bytes. */
  readonly peak: { readonly mikura: number; readonly restic: number };
}

export function rowsOf(rounds: readonly Outcome[]): Row[] {
  return WORKS.map((work) => {
    const ours = rounds.map((round) => round.mikura[work]);
    const theirs = rounds.map((round) => round.restic[work]);
    return {
      work,
      mikura: median(ours.map(({ seconds }) => seconds)),
      restic: median(theirs.map(({ seconds }) => seconds)),
      ratio: median(ours.map(({ seconds }, i) => seconds / theirs[i]!.seconds)),
      peak: { mikura: peakOf(ours), restic: peakOf(theirs) },
    };
  });
}

export function tableOf({ corpus, about, rounds }: CorpusResult): string {
  const lines = [
    `${corpus}: ${about}`,
    "work            mikura x3   restic x1    ratio   peak mikura   peak restic",
    ...rowsOf(rounds).map(
      ({ work, mikura, restic, ratio, peak }) =>
        `${work.padEnd(16)}${seconds(mikura)}   ${seconds(restic)}   ${ratio.toFixed(2).padStart(6)}   ${mb(peak.mikura)}     ${mb(peak.restic)}`,
    ),
  ];
  for (const { name, against } of references(rounds)) {
    const times = rounds.flatMap(({ others }) => others.filter((one) => one.name === name));
    const ratio = median(
      rounds.flatMap((round) => {
        const other = round.others.find((one) => one.name === name);
        return other ? [round.mikura[against].seconds / other.measured.seconds] : [];
      }),
    );
    const took = median(times.map(({ measured }) => measured.seconds));
    lines.push(
      `${name} took ${took.toFixed(2)} s; mikura's ${against} / that: ${ratio.toFixed(2)}`,
    );
  }
  const { size } = rounds.at(-1)!;
  lines.push(
    `bytes of one copy: mikura ${mb(size.mikura).trim()}, restic ${mb(size.restic).trim()}`,
  );
  return lines.join("\n");
}

function references(rounds: readonly Outcome[]): readonly { name: string; against: Work }[] {
  return rounds[0]!.others;
}

function peakOf(all: readonly Measured[]): number {
  return Math.max(...all.map(({ peak }) => peak));
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`.padStart(9);
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`.padStart(9);
}
