import { Fault, type FaultCode } from "../base/fault.ts";
import type { Words } from "../base/words.ts";

/** Where it happened: the copy's name in the policy, and what the driver spoke to, without secrets. */
export interface RemotePlace {
  readonly copy: string;
  /** "https://backup.example/ar", "s3://bucket/prefix", "rclone branch:mikura". */
  readonly place: string;
}

/** What can go wrong between here and there. */
export type RemoteTrouble =
  | "unreachable"
  | "stalled"
  | "unsteady"
  | "denied"
  | "expired"
  | "full"
  | "no-place"
  | "certificate"
  | "untrue"
  | "broken"
  | "no-program";

/**
 * Trouble with a service as a Fault. `said`: what the service or the system said, one line, at most
 * a few hundred characters, without secrets.
 */
export function remoteFault(
  trouble: RemoteTrouble,
  { copy, place }: RemotePlace,
  said?: string,
  cause?: unknown,
): Fault {
  const { code, transient, ja, en, next } = TROUBLES[trouble];
  const detail = said ? `${place}: ${said}` : place;
  return new Fault(code, {
    what: { ja: `写し「${copy}」${ja}（${detail}）`, en: `Copy "${copy}" ${en} (${detail})` },
    next,
    transient,
    cause,
  });
}

interface Trouble {
  readonly code: FaultCode;
  /** Worth another try in a moment. */
  readonly transient: boolean;
  /** Follow the copy's name in the sentence. */
  readonly ja: string;
  readonly en: string;
  readonly next: Words;
}

const LATER: Words = {
  ja: "mikura は次の実行で続きを送ります。何日も続くなら、接続とサービスの状態を確かめてください",
  en: "The next run goes on from here. If it lasts for days, look at the connection and the service",
};

const TROUBLES: Readonly<Record<RemoteTrouble, Trouble>> = {
  unreachable: {
    code: "copy-absent",
    transient: true,
    ja: "に届きません",
    en: "cannot be reached",
    next: {
      ja: "インターネットの接続と、相手の機械の電源を確かめてください。次の実行で続きを送ります",
      en: "Check the Internet connection and that the other machine is on. The next run goes on from here",
    },
  },
  stalled: {
    code: "copy-absent",
    transient: true,
    ja: "との通信が止まったため、切りました",
    en: "stopped answering, and the connection was cut",
    next: LATER,
  },
  unsteady: {
    code: "copy-failed",
    transient: true,
    ja: "のサービスが、いまは応じられません",
    en: "is on a service that cannot answer just now",
    next: LATER,
  },
  denied: {
    code: "copy-refused",
    transient: false,
    ja: "のサービスに断られました。合言葉か権限が違います",
    en: "is refused by the service: the credentials are wrong, or do not allow it",
    next: {
      ja: "方針書が示す認証情報と、その権限を確かめて、mikura check を実行してください",
      en: "Check the credentials that the policy names and what they allow, then run: mikura check",
    },
  },
  expired: {
    code: "copy-refused",
    transient: false,
    ja: "のサービスへの認証の期限が切れています",
    en: "is refused: the sign-in to the service has expired",
    next: {
      ja: "サービスにもう一度サインインし（rclone なら rclone config reconnect）、mikura check を実行してください",
      en: "Sign in to the service again (with rclone: rclone config reconnect), then run: mikura check",
    },
  },
  full: {
    code: "copy-full",
    transient: false,
    ja: "の空きか割り当てが足りません",
    en: "has no space or quota left",
    next: {
      ja: "容量を増やすか、契約を見直して、もう一度実行してください。写しの中は消さないでください",
      en: "Get more space or quota and run it again. Delete nothing inside the copy",
    },
  },
  "no-place": {
    code: "copy-absent",
    transient: false,
    ja: "の置き場所（バケットや保管庫）がありません",
    en: "has no place there: the bucket or repository does not exist",
    next: {
      ja: "名前の誤りがないかを確かめてください。あったはずのものが消えているなら、誰が消したかを調べてください",
      en: "Check its name for a slip. If it was there before, find out who removed it",
    },
  },
  certificate: {
    code: "copy-refused",
    transient: false,
    ja: "の相手が、名乗るとおりの相手だと確かめられません（証明書）",
    en: "is on a server whose certificate cannot be trusted",
    next: {
      ja: "サーバーの証明書の期限と名前、方針書の ca-file を確かめてください。心当たりがなければ、つながないでください",
      en: "Check the server's certificate (dates and name) and ca-file in the policy. Unless you know why, do not connect",
    },
  },
  untrue: {
    code: "copy-failed",
    transient: true,
    ja: "のサービスは受け取ったと答えましたが、送ったものと違います",
    en: "is on a service that said it had stored an object, and what it holds is not what was sent",
    next: {
      ja: "mikura はその物を数えていません。繰り返すなら、この置き場所を信じず、別のサービスに替えてください",
      en: "mikura does not count that object. If it happens again, do not trust this place: use another service",
    },
  },
  broken: {
    code: "copy-failed",
    transient: false,
    ja: "のサービスから、分からない答えが来ました",
    en: "is on a service that gave an answer which cannot be understood",
    next: {
      ja: "方針書のアドレスが正しいかを確かめてください。正しければ、この文を添えてサービスに問い合わせてください",
      en: "Check the address in the policy. If it is right, ask the service, with this text",
    },
  },
  "no-program": {
    code: "copy-failed",
    transient: false,
    ja: "には、まだ入っていないプログラムが必要です",
    en: "needs a program that is not installed",
    next: {
      ja: "rclone を入れてください（Debian や Ubuntu では apt install rclone）。別の場所にあるなら RCLONE_EXECUTABLE で示します",
      en: "Install rclone (on Debian or Ubuntu: apt install rclone). If it lies elsewhere, name it in RCLONE_EXECUTABLE",
    },
  },
};
