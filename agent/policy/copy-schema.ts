import { z } from "zod";
import { about, duration, DURATION_META, line, path } from "./fields.ts";
import { type Copy, type ForeignCopy, MEDIA } from "./policy.ts";

const copy = z
  .strictObject({
    type: z
      .literal("local")
      .meta(
        about(
          "置き場所の種類。local：この機械から見えるフォルダー",
          "Kind of place. local: a folder that this machine can see",
          "local",
        ),
      ),
    path: path.meta(
      about("写しを置くフォルダー", "The folder that holds the copy", "/mnt/nas/mikura"),
    ),
    site: line.meta(
      about(
        "写しがある建物や場所",
        "The building or place where the copy is",
        "社長宅",
        "owner's home",
      ),
    ),
    medium: z
      .enum(MEDIA)
      .meta(about("媒体の種類。2 種類以上にします", "Kind of medium; use two or more", "usb-disk")),
    rotates: duration
      .meta({
        ...about(
          "外して持ち出すディスクが、次に戻るまでの長さ",
          "For a disk that is taken away: how long until it comes back",
          "7d",
        ),
        ...DURATION_META,
      })
      .optional(),
    "made-by": z
      .literal("restic")
      .meta(
        about(
          "すでにある restic の保管庫を、読むだけで照合します（三つの写しには数えません）",
          "An existing repository of restic: verified, never written, and not counted as one of the three copies",
          "restic",
        ),
      )
      .optional(),
    "password-file": path
      .meta(
        about(
          "その restic の合言葉が入ったファイル",
          "The file with that repository's password",
          "/etc/mikura/restic-password",
        ),
      )
      .optional(),
  })
  .meta({ dependentRequired: { "made-by": ["password-file"], "password-file": ["made-by"] } });

interface Copies {
  readonly copies: readonly Copy[];
  readonly foreign: readonly ForeignCopy[];
}

/** `copies:` of the policy file, ours apart from restic's own, so that those cannot be written by mistake. */
export const copiesSchema: z.ZodType<Copies> = z.record(z.string(), copy).transform((entries) => {
  const copies: Copy[] = [];
  const foreign: ForeignCopy[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const { rotates, "made-by": madeBy, "password-file": passwordFile, ...rest } = entry;
    const copy = { name, ...rest, ...(rotates === undefined ? {} : { rotatesS: rotates }) };
    if (madeBy === undefined) copies.push(copy);
    else foreign.push({ ...copy, madeBy, passwordFile: passwordFile ?? "" }); // logic.ts refuses one without
  }
  return { copies, foreign };
});
