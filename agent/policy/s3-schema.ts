import { z } from "zod";
import { addressAdvice, plainAddress } from "./addresses.ts";
import { isAws } from "./aws.ts";
import { bucketAdvice, plainPrefix, prefixAdvice, regionAdvice } from "./bucket-names.ts";
import {
  caFile,
  type CopyVariant,
  defined,
  limit,
  medium,
  site,
  typeField,
} from "./copy-fields.ts";
import { about, checked, duration, DURATION_META, line, path } from "./fields.ts";
import { lockAdvice } from "./lock-time.ts";
import { type S3Copy, type S3Credentials, STORAGE_CLASSES, type StorageClass } from "./policy.ts";
import { storageClassAdvice } from "./storage-class.ts";

const credentials: z.ZodType<S3Credentials, S3Credentials> = z
  .union([
    z.literal("env"),
    z.strictObject({
      profile: line.meta(
        about("~/.aws/credentials の中の名前", "A name in ~/.aws/credentials", "mikura"),
      ),
    }),
    z.strictObject({
      file: path.meta(
        about(
          "アクセスキーが入ったファイル（権限 600。~/.aws/credentials と同じ書き方か JSON）",
          "A file of mode 600 with the access key, written as ~/.aws/credentials or as JSON",
          "/etc/mikura/s3-credentials",
        ),
      ),
    }),
  ])
  .meta(
    about(
      "アクセスキーのありか。env：環境変数、{ profile: 名前 }、{ file: 場所 }。キーそのものは書けません",
      "Where the access keys are. env: environment variables; { profile: NAME }; { file: PATH }. Never the keys themselves",
      "env",
      { file: "/etc/mikura/s3-credentials" },
    ),
  );

/** Copies in a bucket. What AWS alone demands is judged in s3-logic.ts, where the endpoint is known. */
export const s3Schema: CopyVariant<Omit<S3Copy, "name">> = z
  .strictObject({
    type: typeField(
      "s3",
      "AWS の S3 か、同じように話すサービスのバケット",
      "a bucket of AWS S3, or of a service that speaks the same language",
    ),
    endpoint: checked((text) => addressAdvice(text, "s3"))
      .transform(plainAddress)
      .meta({
        ...about(
          "サービスのアドレス（省くと AWS）",
          "The service's address (default: AWS)",
          "https://s3.example.jp",
          "https://s3.example.com",
        ),
        format: "uri",
      })
      .optional(),
    region: checked(regionAdvice).meta(
      about("リージョン（地域）の名前", "The region", "ap-northeast-1"),
    ),
    bucket: checked(bucketAdvice).meta(about("バケットの名前", "The bucket", "mihon-mikura")),
    prefix: checked(prefixAdvice)
      .transform(plainPrefix)
      .meta(
        about(
          "バケットの中の場所（省くとバケット全体）",
          "The place inside the bucket (default: all of it)",
          "mikura",
        ),
      )
      .optional(),
    "path-style": z
      .boolean()
      .meta(
        about(
          "バケットの名前をアドレスのどこに置くか。true：パス、false：ホスト名（省くと、AWS なら false、ほかは true）",
          "Where addresses name the bucket. true: in the path, false: in the host (default: false at AWS, else true)",
          true,
        ),
      )
      .optional(),
    "storage-class": checked(storageClassAdvice)
      .transform((text) => text as StorageClass)
      .meta({
        ...about(
          "データに使う保存の区分（省くとバケットの標準）。すぐに読めるものに限ります",
          "Storage class of the data (default: the bucket's own), one that can be read at once",
          "STANDARD_IA",
        ),
        enum: STORAGE_CLASSES,
      })
      .optional(),
    credentials,
    "object-lock": checked(lockAdvice)
      .pipe(duration)
      .meta({
        ...about(
          "この期間は、エージェント自身にも消せないようにします（1 日から 10 年。必要な間は延ばし続けます）",
          "For so long nobody can delete an object, not even the agent (1 day to 10 years; extended for as long as it is needed)",
          "30d",
        ),
        ...DURATION_META,
      })
      .optional(),
    "ca-file": caFile,
    site,
    medium: medium(["object-storage", "server", "nas"], "object-storage"),
    limit,
  })
  .transform((entry): Omit<S3Copy, "name"> => {
    const { endpoint, prefix = "", "path-style": pathStyle, ...rest } = entry;
    const { "storage-class": storageClass, "object-lock": objectLockS, ...more } = rest;
    const { "ca-file": caFile, ...copy } = more;
    return defined({
      ...copy,
      endpoint,
      prefix,
      // A certificate for *.host does not cover a bucket with dots in its name.
      pathStyle: pathStyle ?? (!isAws(endpoint) || copy.bucket.includes(".")),
      storageClass,
      objectLockS,
      caFile,
    });
  });
