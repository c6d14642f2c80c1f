import type { Words } from "../../base/words.ts";
import type { LifecycleHarm } from "./lifecycle.ts";
import type { LockRule } from "./options.ts";

interface Said {
  readonly detail: Words;
  readonly next: Words;
}

export const VERSIONS_KEPT: Words = {
  ja: "バケットは古い版を残します（バージョニング有効）",
  en: "The bucket keeps old versions (versioning is on)",
};

export const VERSIONS_NOT_KEPT: Said = {
  detail: {
    ja: "バケットは古い版を残しません。上書きや削除は元に戻せません",
    en: "The bucket keeps no old versions: what is overwritten or deleted is gone",
  },
  next: {
    ja: "サービスの管理画面で、バケットのバージョニングを有効にしてください",
    en: "Switch versioning of the bucket on in the service's console",
  },
};

export const LOCK_ENABLED: Words = {
  ja: "バケットの Object Lock は有効です",
  en: "Object Lock of the bucket is on",
};

export const LOCK_MISSING: Said = {
  detail: {
    ja: "方針書は object-lock を求めていますが、バケットは Object Lock なしで作られています",
    en: "The policy asks for object-lock, and the bucket was made without Object Lock",
  },
  next: {
    ja: "Object Lock を有効にした新しいバケットを作り、方針書に書いてください",
    en: "Make a new bucket with Object Lock and name it in the policy",
  },
};

export function lockByDefault({ mode, days }: LockRule): Said {
  return {
    detail: {
      ja: `バケットは、置かれたものすべてを ${days} 日間保持します（${mode}）。mikura の小さな作業用ファイルも対象です`,
      en: `The bucket holds whatever is put into it for ${days} days (${mode}), small working files of mikura too`,
    },
    next: {
      ja: "バケットの既定の保持を外してください。保持は mikura が物ごとに付けます",
      en: "Take the default retention off the bucket: mikura sets it on each object that needs it",
    },
  };
}

export const NO_HARM: Words = {
  ja: "写しを消したり書庫に移したりするライフサイクル規則はありません",
  en: "No lifecycle rule expires or archives the copy",
};

export const HIDDEN_VERSIONS_STAY: Said = {
  detail: {
    ja: "写しを消す規則はありません。ただし、消した物の古い版がいつまでも残り、料金がかかります",
    en: "No lifecycle rule touches the copy; old versions of what was removed stay for ever, and are charged",
  },
  next: {
    ja: "「非現行バージョンを 90 日後に削除」というライフサイクル規則を付けると減ります",
    en: 'A lifecycle rule "expire noncurrent versions after 90 days" takes them away',
  },
};

export function harm({ rule, does, afterDays }: LifecycleHarm): Said {
  const ja = afterDays === undefined ? "ある日に" : `${afterDays} 日後に`;
  const en = afterDays === undefined ? "on a certain day" : `after ${afterDays} days`;
  const [doesJa, doesEn] =
    does === "expires"
      ? ["写しの物を消します", "expires objects of the copy"]
      : ["写しの物を、すぐ読めない書庫へ移します", "moves objects of the copy into an archive"];
  return {
    detail: {
      ja: `バケットのライフサイクル規則「${rule}」は、${ja}${doesJa}`,
      en: `The bucket's lifecycle rule "${rule}" ${doesEn} ${en}`,
    },
    next: {
      ja: "サービスの管理画面で、その規則を外すか、写しの prefix を対象から外してください",
      en: "Remove that rule in the service's console, or keep it off the copy's prefix",
    },
  };
}

export const NOT_PUBLIC: Words = {
  ja: "バケットは公開されていません",
  en: "The bucket is not public",
};

const MAKE_PRIVATE: Words = {
  ja: "サービスの管理画面で「パブリックアクセスをすべてブロック」を有効にしてください",
  en: 'Switch "block all public access" on in the service\'s console',
};

export const PUBLIC_BY_ACL: Said = {
  detail: {
    ja: "バケットは公開されています（ACL が誰にでも許しています）",
    en: "The bucket is public: its ACL grants access to everybody",
  },
  next: MAKE_PRIVATE,
};

export const PUBLIC_BY_POLICY: Said = {
  detail: {
    ja: "バケットは公開されています（バケットポリシーが誰にでも許しています）",
    en: "The bucket is public: its bucket policy grants access to everybody",
  },
  next: MAKE_PRIVATE,
};

/** What one needs to be allowed, to be told of each finding. */
const RIGHTS = {
  versioning: "s3:GetBucketVersioning",
  "object-lock": "s3:GetBucketObjectLockConfiguration",
  lifecycle: "s3:GetLifecycleConfiguration",
  public: "s3:GetBucketPolicyStatus, s3:GetBucketAcl, s3:GetBucketPublicAccessBlock",
} as const;

const SUBJECTS = {
  versioning: { ja: "古い版を残すかどうか", en: "Whether the bucket keeps old versions" },
  "object-lock": { ja: "Object Lock の状態", en: "Whether Object Lock is on" },
  lifecycle: {
    ja: "写しを消すライフサイクル規則の有無",
    en: "Whether a lifecycle rule expires the copy",
  },
  public: { ja: "バケットが公開されているか", en: "Whether the bucket is public" },
} as const;

export function cannotBeTold(finding: keyof typeof RIGHTS): Said {
  const { ja, en } = SUBJECTS[finding];
  return {
    detail: {
      ja: `${ja}は分かりません。この認証情報では読めないか、サービスが答えません`,
      en: `${en} cannot be told: these credentials may not ask, or the service does not answer`,
    },
    next: {
      ja: `認証情報に読み取りの権限（${RIGHTS[finding]}）を足すか、管理画面で確かめてください`,
      en: `Allow the credentials to read it (${RIGHTS[finding]}), or look in the service's console`,
    },
  };
}
