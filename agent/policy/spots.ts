import type { Path } from "./mistakes.ts";

/** Where a key, or an entry of a list, stands: offsets in letters. */
export interface Spot {
  readonly path: Path;
  readonly key: number;
  readonly value: number;
}

/** Finds the spot of a path, and the path on a line. Of a path given twice the last one stands. */
export class SpotMap {
  readonly #byPath = new Map<string, Spot>();
  readonly #byLine = new Map<number, Spot[]>();
  readonly #lineOf: (offset: number) => number;

  constructor(lineOf: (offset: number) => number) {
    this.#lineOf = lineOf;
  }

  add(spot: Spot): void {
    this.#byPath.set(JSON.stringify(spot.path), spot);
    const line = this.#lineOf(spot.key);
    const others = this.#byLine.get(line);
    if (others) others.push(spot);
    else this.#byLine.set(line, [spot]);
  }

  /** The spot of `path`, or of the innermost group that it should stand in; undefined at the top. */
  nearest(path: Path): Spot | undefined {
    for (let length = path.length; length > 0; length--) {
      const spot = this.#byPath.get(JSON.stringify(path.slice(0, length)));
      if (spot) return spot;
    }
    return undefined;
  }

  /** The first spot on a line, or the one there of the key `name`. */
  onLine(line: number, name?: string): Spot | undefined {
    const here = this.#byLine.get(line) ?? [];
    return here.find(({ path }) => path.at(-1) === name) ?? here[0];
  }
}
