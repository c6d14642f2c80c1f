import { EXIT, type ExitCode } from "../base/fault.ts";
import type { Language } from "../base/words.ts";
import { type VerifyResult, verify } from "../jobs/verify/verify.ts";
import { type Command, print, say } from "./command.ts";
import { formatBytes, formatCount, formatShare, table } from "./format.ts";
import { withPlace } from "./with-place.ts";

export const verifyCommand: Command = {
  name: "verify",
  summary: {
    ja: "写しを読み返し、指紋を照合します",
    en: "reads copies back and checks every hash",
  },
  usage: "[--copy C] [--all]",
  words: [0, 0],
  options: {
    copy: { value: "C", about: { ja: "この写しだけ", en: "only this copy" } },
    all: {
      about: {
        ja: "全部読む（なければ、いちばん古い照合から今日の分だけ）",
        en: "read everything (without: today's share, oldest proof first)",
      },
    },
  },
  help: {
    ja: `写しにあるものを実際に読み、中身の指紋（SHA-256）が名前と合うかを確かめます。
壊れたものは、写しの名前とものの名前で知らせます。直しはしません。
made-by: restic の写しは、--all か --copy のときに、書き込まずに調べます。

  mikura verify --all              すべての写しのすべて
  mikura verify --all --copy home  1つの写しだけ`,
    en: `Really reads what a copy holds and checks that its SHA-256 is its name.
What is damaged is named with its copy. Nothing is repaired here. A copy that restic made is read
with --all or --copy, and never written.

  mikura verify --all              everything in every copy
  mikura verify --all --copy home  one copy`,
  },
  async run(session) {
    return await withPlace(session, { alone: true }, async (place) => {
      const { language } = place.policy;
      const result = await verify(place, {
        copy: session.option("copy"),
        all: session.flag("all"),
      });
      print(session, verifyJson(result, language), () => verifyText(result, language));
      return verifyExit(result);
    });
  },
};

/** 4 something is damaged; 1 no copy could be verified; 3 some could not. */
export function verifyExit({ copies }: VerifyResult): ExitCode {
  if (copies.some(({ bad }) => bad.length > 0)) return EXIT.data;
  if (copies.every(({ fault }) => fault)) return EXIT.failed;
  return copies.some(({ fault }) => fault) ? EXIT.incomplete : EXIT.well;
}

/** The contract of `verify --json`. */
export function verifyJson({ copies, seconds }: VerifyResult, language: Language): unknown {
  return {
    copies: copies.map(({ name, objectsRead, bytesRead, verifiedShare, bad, fault }) => ({
      name,
      objects_read: objectsRead,
      bytes_read: bytesRead,
      verified_share: verifiedShare,
      bad: bad.map(({ object, kind, cause }) => ({ object, kind, cause: cause[language] })),
      ...(fault ? fault.toJson(language) : {}),
    })),
    seconds,
  };
}

export function verifyText({ copies }: VerifyResult, language: Language): string {
  const rows = copies.map(({ name, objectsRead, bytesRead, verifiedShare, bad, fault, absent }) => [
    bad.length > 0 ? "×" : fault ? (absent ? "―" : "×") : "○",
    name,
    say(
      language,
      `${formatCount(objectsRead)}件 ${formatBytes(bytesRead)} を読み返し`,
      `${formatCount(objectsRead)} objects, ${formatBytes(bytesRead)} read back`,
    ),
    bad.length > 0
      ? say(language, `壊れたもの ${bad.length}件`, `${bad.length} bad`)
      : say(
          language,
          `照合済 ${formatShare(verifiedShare)}`,
          `${formatShare(verifiedShare)} verified`,
        ),
  ]);
  const findings = copies.flatMap(({ name, bad, fault }) => [
    ...bad.map(({ object, cause }) => `  × ${name} ${object}: ${cause[language]}`),
    ...(fault ? [`  ${name}: ${fault.what[language]}`, `    → ${fault.next[language]}`] : []),
  ]);
  return [table(rows), ...findings].join("\n");
}
