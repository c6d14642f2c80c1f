import { Fault } from "../base/fault.ts";

/**
 * The most that is read into memory at once, in bytes. restic's largest packs are 128 MiB and a
 * blob; a copy that claims far more is damaged or hostile.
 */
export const MAX_READ_BYTES: number = 1024 ** 3;

/** Notes are a page of text; a copy is not believed when it says otherwise. */
export const MAX_NOTE_BYTES: number = 1024 ** 2;

export interface ReadAttempt {
  readonly copy: string;
  /** What was read, as a path below the copy's root. */
  readonly object: string;
  /** Bytes that are there, or that were got. */
  readonly size: number;
  /** Bytes that should be there, or that are allowed. */
  readonly wanted: number;
}

/** The object ends before the part that was asked for. */
export function objectTooShort({ copy, object, size, wanted }: ReadAttempt): Fault {
  return new Fault("object-damaged", {
    what: {
      ja: `写し「${copy}」の ${object} は ${size} バイトで終わっています（必要：${wanted} バイト）`,
      en: `${object} in copy "${copy}" ends after ${size} bytes (needed: ${wanted})`,
    },
    next: elsewhere(copy),
  });
}

export function objectTooLarge({ copy, object, size, wanted }: ReadAttempt): Fault {
  return new Fault("too-large", {
    what: {
      ja: `写し「${copy}」の ${object} は大きすぎます：${size} バイト（上限：${wanted} バイト）`,
      en: `${object} in copy "${copy}" is too large: ${size} bytes (limit: ${wanted})`,
    },
    next: elsewhere(copy),
  });
}

function elsewhere(copy: string): { ja: string; en: string } {
  return {
    ja: `mikura verify --copy ${copy} --all で調べてください。復元はほかの写しからできます`,
    en: `Find out with mikura verify --copy ${copy} --all. Restoring from another copy is possible`,
  };
}
