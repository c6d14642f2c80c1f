import stringWidth from "fast-string-width";
import type { Clock } from "../base/clock.ts";
import type { Progress, ProgressPhase } from "../base/progress.ts";
import type { Language, Words } from "../base/words.ts";
import { formatBytes, formatCount, formatSeconds } from "./format.ts";

const NAMES: Readonly<Record<ProgressPhase, Words>> = {
  backup: { ja: "取り込み", en: "Backing up" },
  "bring-up": { ja: "写しへ配る", en: "Bringing copies up" },
  verify: { ja: "照合", en: "Verifying" },
  restore: { ja: "復元", en: "Restoring" },
  drill: { ja: "復元訓練", en: "Drill" },
  compare: { ja: "原本の記録と比較", en: "Comparing" },
};

/** Milliseconds between two pictures of the line. */
const EVERY = 100;
/** The rate is not worth telling before this many milliseconds. */
const SETTLED = 1000;

/** Where a terminal's line is written. */
export interface Screen {
  readonly columns: number;
  write(text: string): void;
}

/** One line on a terminal that tells how far the work is; it leaves no trace when it ends. */
export class ProgressLine implements Progress {
  readonly shown = true;
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #language: Language;
  #phase: ProgressPhase | undefined;
  #subject = "";
  #started = 0;
  #shown = 0;
  #files = 0;
  #bytes = 0;
  #allFiles = 0;
  #allBytes = 0;

  constructor(screen: Screen, clock: Clock, language: Language) {
    this.#screen = screen;
    this.#clock = clock;
    this.#language = language;
  }

  phase(name: ProgressPhase, subject = ""): void {
    this.#phase = name;
    this.#subject = subject;
    this.#started = this.#clock.now();
    [this.#files, this.#bytes, this.#allFiles, this.#allBytes] = [0, 0, 0, 0];
    this.#show();
  }

  expect(files: number, bytes: number): void {
    this.#allFiles = files;
    this.#allBytes = bytes;
  }

  advance(files: number, bytes: number): void {
    this.#files += files;
    this.#bytes += bytes;
    if (this.#clock.now() - this.#shown >= EVERY) this.#show();
  }

  /** Takes the line away, before other output and at the end. */
  clear(): void {
    if (this.#shown > 0) this.#screen.write("\r\u001b[2K");
    this.#shown = 0;
  }

  #show(): void {
    if (!this.#phase) return;
    this.#shown = this.#clock.now();
    let text = this.#text();
    const columns = this.#screen.columns || 80; // a terminal without a size says 0
    while (stringWidth(text) >= columns) text = text.slice(0, -1);
    this.#screen.write(`\r\u001b[2K${text}`);
  }

  #text(): string {
    const ja = this.#language === "ja";
    const parts = [`${NAMES[this.#phase!][this.#language]} ${this.#subject}`.trim()];
    if (this.#allBytes > 0) {
      parts.push(`${Math.floor((this.#bytes / this.#allBytes) * 100)}%`);
      parts.push(`${formatBytes(this.#bytes)} / ${formatBytes(this.#allBytes)}`);
    } else parts.push(formatBytes(this.#bytes));
    const files = this.#allFiles > 0 ? `/${formatCount(this.#allFiles)}` : "";
    parts.push(`${formatCount(this.#files)}${files}${ja ? "件" : " files"}`);
    const elapsed = this.#clock.now() - this.#started;
    if (elapsed >= SETTLED && this.#bytes > 0) {
      const rate = this.#bytes / (elapsed / 1000);
      parts.push(`${formatBytes(rate)}/s`);
      const left = (this.#allBytes - this.#bytes) / rate;
      if (this.#allBytes > 0 && left >= 0) {
        const time = formatSeconds(left, this.#language);
        parts.push(ja ? `残り ${time}` : `${time} left`);
      }
    }
    return parts.join("  ");
  }
}
