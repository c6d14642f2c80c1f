import { errnoOf, Fault, type FaultCode } from "../../base/fault.ts";
import type { Words } from "../../base/words.ts";

/** Where it happened: the copy's name in the policy, and the path on this machine. */
export interface LocalPlace {
  readonly copy: string;
  readonly path: string;
}

/** An error of the disk as a Fault. What has no errno is a defect or a Fault already: unchanged. */
export function localFault(error: unknown, { copy, path }: LocalPlace): unknown {
  const errno = error instanceof Fault ? undefined : errnoName(error);
  if (errno === undefined) return error;
  const { code, ja, en, next } = TROUBLE[errno] ?? BROKEN;
  const what = {
    ja: `写し「${copy}」${ja}（${errno}：${path}）`,
    en: `Copy "${copy}" ${en} (${errno}: ${path})`,
  };
  return new Fault(code, { what, next, cause: error });
}

/** The folder of the copy, or what marks it as one, is not there. */
export function copyAbsent({ copy, path }: LocalPlace, cause?: unknown): Fault {
  return new Fault("copy-absent", {
    what: {
      ja: `写し「${copy}」が見つかりません。ディスクがつながっていないようです（${path}）`,
      en: `Copy "${copy}" is not there; its disk seems not to be connected (${path})`,
    },
    next: {
      ja: "ディスクや NAS をつないで、もう一度実行してください。フォルダを手で作らないでください。初めて使う場所なら mikura init で用意します",
      en: "Connect the disk or NAS and run it again. Do not make the folder by hand. A place used for the first time is prepared by mikura init",
    },
    cause,
  });
}

/** The copy is there; something in it that must be there is not. */
export function partMissing({ copy, path }: LocalPlace, cause?: unknown): Fault {
  return new Fault("copy-failed", {
    what: {
      ja: `写し「${copy}」の中にあるはずのものがありません（${path}）`,
      en: `Something that belongs in copy "${copy}" is missing (${path})`,
    },
    next: {
      ja: `誰かが消したか移したかを確かめ、元に戻してください。復元はほかの写しからできます`,
      en: `Find out whether somebody deleted or moved it, and put it back. Restoring from another copy is possible`,
    },
    cause,
  });
}

/** Something else, such as a link, has the name of a file or folder of the repository. */
export function notPlain({ copy, path }: LocalPlace, expected: "file" | "folder"): Fault {
  const ja = expected === "file" ? "ファイル" : "フォルダ";
  return new Fault("copy-failed", {
    what: {
      ja: `写し「${copy}」に、普通の${ja}でないもの（リンクなど）が置かれています（${path}）`,
      en: `Copy "${copy}" holds something that is not a plain ${expected}, such as a link (${path})`,
    },
    next: {
      ja: `mikura も restic もこれを作りません。誰が置いたかを確かめて取り除き、mikura backup を実行してください`,
      en: `Neither mikura nor restic makes such a thing. Find out who put it there, take it away, then run: mikura backup`,
    },
  });
}

/** Linux errors that libuv has no name for: it says "Unknown system error -122". */
const UNNAMED: Readonly<Record<string, string>> = {
  "-116": "ESTALE",
  "-117": "EUCLEAN",
  "-122": "EDQUOT",
  "-123": "ENOMEDIUM",
};

function errnoName(error: unknown): string | undefined {
  const code = errnoOf(error);
  const number = code?.startsWith("Unknown system error ") ? code.split(" ").at(-1) : undefined;
  return number === undefined ? code : (UNNAMED[number] ?? code);
}

interface Trouble {
  readonly code: FaultCode;
  /** Follow the copy's name in the sentence. */
  readonly ja: string;
  readonly en: string;
  readonly next: Words;
}

const FULL: Trouble = {
  code: "copy-full",
  ja: "の空きが足りません",
  en: "has no space left",
  next: {
    ja: "空きを作るか、大きいディスクに替えて、もう一度実行してください。写しのフォルダの中は消さないでください",
    en: "Free some space or use a larger disk, then run it again. Delete nothing inside the copy's folder",
  },
};

const DENIED: Trouble = {
  code: "copy-refused",
  ja: "に対する権限がありません",
  en: "does not let mikura in",
  next: {
    ja: "mikura を動かすユーザーが、このフォルダを読み書きできるようにしてください",
    en: "Let the user that runs mikura read and write this folder",
  },
};

const READ_ONLY: Trouble = {
  code: "copy-refused",
  ja: "は書き込み禁止になっています",
  en: "is read-only",
  next: {
    ja: "ディスクのロックスイッチとマウントの設定を確かめてください。急に書き込み禁止になったディスクは、故障の前ぶれのことがあります",
    en: "Check the disk's lock switch and how it is mounted. A disk that turns read-only by itself may be about to fail",
  },
};

const GONE: Trouble = {
  code: "copy-absent",
  ja: "に届きません",
  en: "cannot be reached",
  next: {
    ja: "ディスクや NAS の電源、ケーブル、ネットワークを確かめて、もう一度実行してください",
    en: "Check the power, cable and network of the disk or NAS, then run it again",
  },
};

const BROKEN: Trouble = {
  code: "copy-failed",
  ja: "の読み書きに失敗しました",
  en: "failed while reading or writing",
  next: {
    ja: "ケーブルと電源を確かめ、もう一度実行してください。繰り返すならディスクの故障です。交換し、方針書に新しい名前の写しとして書き、mikura init と mikura backup を実行してください",
    en: "Check cable and power, then run it again. If it happens again the disk is failing: replace it, enter the new disk in the policy as a copy with a new name, then run mikura init and mikura backup",
  },
};

const TROUBLE: Readonly<Record<string, Trouble>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: READ_ONLY,
  // A disk that was pulled out, a network share whose server went away.
  ENODEV: GONE,
  ENXIO: GONE,
  ENOMEDIUM: GONE,
  ENOTCONN: GONE,
  ESTALE: GONE,
  EHOSTDOWN: GONE,
  EHOSTUNREACH: GONE,
  ENETDOWN: GONE,
  ENETUNREACH: GONE,
  ETIMEDOUT: GONE,
};
