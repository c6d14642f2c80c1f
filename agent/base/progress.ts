/** Where long work tells how far it is. The printer decides whether anybody sees it. */
export interface Progress {
  /** False where nobody looks: then nothing is counted for its sake. */
  readonly shown: boolean;
  /** A new phase begins, with the words for it; totals are unknown until `expect`. */
  phase(name: ProgressPhase, subject?: string): void;
  /** What the phase will come to, as far as known; may be called again with better figures. */
  expect(files: number, bytes: number): void;
  advance(files: number, bytes: number): void;
}

export type ProgressPhase = "backup" | "bring-up" | "verify" | "restore" | "drill" | "compare";

export const noProgress: Progress = {
  shown: false,
  phase() {},
  expect() {},
  advance() {},
};
