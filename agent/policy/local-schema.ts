import { z } from "zod";
import { type CopyVariant, defined, medium, site, typeField } from "./copy-fields.ts";
import { about, checked, duration, DURATION_META, path } from "./fields.ts";
import { pathAdvice } from "./paths.ts";
import { diskAdvice } from "./disk-path.ts";
import { type ForeignCopy, type LocalCopy, MEDIA } from "./policy.ts";

type Unnamed = Omit<LocalCopy, "name"> | Omit<ForeignCopy, "name">;

const DISKS = ["/media/mikura-a/mikura", "/media/mikura-b/mikura"];

const disk = checked((text) => pathAdvice(text) ?? diskAdvice(text)).meta(
  about(
    "ディスク 1 台の、つなぐと現れる場所",
    "Where one of the disks appears when connected",
    DISKS[0],
  ),
);

/** Copies in a folder that this machine can see; logic.ts refuses those with neither or both of `path` and `disks`. */
export const localSchema: CopyVariant<Unnamed> = z
  .strictObject({
    type: typeField("local", "この機械から見えるフォルダー", "a folder that this machine can see"),
    path: path
      .meta(about("写しを置くフォルダー", "The folder that holds the copy", "/mnt/nas/mikura"))
      .optional(),
    disks: z
      .array(disk)
      .min(1)
      .meta({
        ...about(
          "交代で持ち出す何台かのディスク。path の代わりに、それぞれの現れる場所を書きます（rotates も要ります）",
          "Several disks that take turns: instead of path, where each of them appears (needs rotates)",
          DISKS,
        ),
        uniqueItems: true,
      })
      .optional(),
    site,
    medium: medium(MEDIA, "usb-disk"),
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
  .meta({
    oneOf: [{ required: ["path"] }, { required: ["disks"] }],
    dependentRequired: {
      disks: ["rotates"],
      "made-by": ["path", "password-file"],
      "password-file": ["made-by"],
    },
  })
  .transform((entry): Unnamed => {
    const { path = "", disks, rotates, "made-by": madeBy, "password-file": file, ...rest } = entry;
    const copy = { ...rest, ...defined({ rotatesS: rotates }) };
    if (madeBy !== undefined) return { ...copy, path, madeBy, passwordFile: file ?? "" };
    const [first = path, ...others] = disks ?? [];
    return { ...copy, paths: [first, ...others] };
  });
