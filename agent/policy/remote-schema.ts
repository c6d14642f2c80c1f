import { z } from "zod";
import { addressAdvice, plainAddress } from "./addresses.ts";
import {
  caFile,
  type CopyVariant,
  defined,
  limit,
  medium,
  SERVED_MEDIA,
  site,
  typeField,
} from "./copy-fields.ts";
import { about, checked, path } from "./fields.ts";
import type { RcloneCopy, RestCopy } from "./policy.ts";
import { plainRemote, remoteAdvice } from "./remote-name.ts";
import { userAdvice } from "./user-name.ts";

/** Copies that rclone reaches. */
export const rcloneSchema: CopyVariant<Omit<RcloneCopy, "name">> = z
  .strictObject({
    type: typeField(
      "rclone",
      "rclone が話せる相手（SFTP の機械、各社のクラウド）",
      "whatever rclone can talk to (a machine by SFTP, clouds of many kinds)",
    ),
    remote: checked(remoteAdvice)
      .transform(plainRemote)
      .meta(
        about(
          "rclone に設定した名前と、その中の場所",
          "A remote that rclone's configuration names, and a folder there",
          "branch:mikura",
        ),
      ),
    config: path
      .meta(
        about(
          "rclone の設定ファイル（省くと、この利用者の標準のもの）",
          "rclone's configuration file (default: the user's own)",
          "/etc/mikura/rclone.conf",
        ),
      )
      .optional(),
    site,
    medium: medium(SERVED_MEDIA, "server"),
    limit,
  })
  .transform(defined);

/** Copies on a REST server of restic. */
export const restSchema: CopyVariant<Omit<RestCopy, "name">> = z
  .strictObject({
    type: typeField(
      "rest",
      "restic の REST サーバー（追記だけを許すものも）",
      "a REST server of restic, also an append-only one",
    ),
    url: checked((text) => addressAdvice(text, "rest"))
      .transform(plainAddress)
      .meta({
        ...about(
          "サーバーのアドレスと、その中の場所",
          "The server's address, and the place there",
          "https://backup.example.jp/mikura",
          "https://backup.example.com/mikura",
        ),
        format: "uri",
      }),
    user: checked(userAdvice)
      .meta(
        about(
          "サーバーでの利用者名（password-file があるときだけ。省くと mikura）",
          "The name at the server (only with password-file; default: mikura)",
          "mikura",
        ),
      )
      .optional(),
    "password-file": path
      .meta(
        about(
          "サーバーでの合言葉が入ったファイル（権限 600）",
          "The file with the password at the server, of mode 600",
          "/etc/mikura/rest-password",
        ),
      )
      .optional(),
    "ca-file": caFile,
    site,
    medium: medium(SERVED_MEDIA, "server"),
    limit,
  })
  .meta({ dependentRequired: { user: ["password-file"] } })
  .transform(({ user = "mikura", "password-file": file, "ca-file": caFile, ...rest }) =>
    defined({
      ...rest,
      login: file === undefined ? undefined : { user, passwordFile: file },
      caFile,
    }),
  );
