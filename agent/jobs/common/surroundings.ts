import type { Clock } from "../../base/clock.ts";
import type { Progress } from "../../base/progress.ts";
import type { Language } from "../../base/words.ts";

/** Everything a job takes from the outer world. */
export interface Surroundings {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly hostname: string;
  readonly username: string;
  /** Of messages, until a policy has said its own. */
  readonly language: Language;
  readonly random: (bytes: number) => Buffer;
  readonly progress: Progress;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}
