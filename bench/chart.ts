import { type CorpusResult, rowsOf } from "./table.ts";

const ROW = 22;
const HEAD = 34;
const LEFT = 130;
const WIDTH = 720;
/** Room for the words behind a bar. */
const RIGHT = 150;

/** Bars of the ratios, mikura's three copies against restic's one; the line is restic. */
export function chartOf(results: readonly CorpusResult[], machine: string): string {
  const rows = results.map((result) => ({ ...result, rows: rowsOf(result.rounds) }));
  const longest = Math.max(1.1, ...rows.flatMap((one) => one.rows.map(({ ratio }) => ratio)));
  const x = (ratio: number): number => LEFT + (ratio / longest) * (WIDTH - LEFT - RIGHT);
  const parts: string[] = [];
  let y = 46;
  for (const { corpus, about, rows: bars } of rows) {
    parts.push(text(8, y + 16, `${corpus}: ${about}`, 'font-weight="bold"'));
    y += HEAD - 8;
    parts.push(
      `<line x1="${x(1).toFixed(1)}" x2="${x(1).toFixed(1)}" y1="${y}" y2="${y + bars.length * ROW}" stroke="#444" stroke-dasharray="3 3"/>`,
    );
    for (const { work, mikura, restic, ratio } of bars) {
      const colour = ratio <= 0.5 ? "#1b7f4b" : ratio <= 1 ? "#2f6fb0" : "#b5542a";
      parts.push(
        text(LEFT - 8, y + 15, work, 'text-anchor="end"'),
        `<rect x="${LEFT}" y="${y + 3}" width="${(x(ratio) - LEFT).toFixed(1)}" height="${ROW - 6}" fill="${colour}"/>`,
        text(
          x(ratio) + 5,
          y + 15,
          `${ratio.toFixed(2)}  (${mikura.toFixed(1)} s : ${restic.toFixed(1)} s)`,
        ),
      );
      y += ROW;
    }
    y += 10;
  }
  for (const part of machine.split("; ")) parts.push(text(8, (y += 15), part, 'fill="#555"'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(8, 22, "Time of mikura for three copies / time of restic for one", 'font-size="15"'),
    text(8, 39, "shorter is faster; the dashed line is restic; (seconds : seconds)", 'fill="#555"'),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, words: string, more = ""): string {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const above = 'stroke="#fff" stroke-width="3" paint-order="stroke"'; // readable over a line
  return `<text x="${x.toFixed(1)}" y="${y}" ${above} ${more}>${escaped}</text>`;
}
