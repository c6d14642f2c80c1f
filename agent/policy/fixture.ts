import { loadPolicy } from "./load.ts";
import { PolicyUnsound } from "./mistakes.ts";

/** A sound policy. */
export const GOOD = `mikura: 1
company: 株式会社みほん商店
language: ja
timezone: Asia/Tokyo
site: 本社
key-file: ./agent.key
state: /var/lib/mikura

datasets:
  ar:
    title: 売掛金
    folders: [/srv/ar]
    exclude: ["*.tmp"]
    schedule: "0 12,19 * * 1-5"
    rpo: 24h

copies:
  office: { type: local, path: /mnt/nas/mikura, site: 本社, medium: nas }
  home: { type: local, path: /media/usb/mikura, site: 社長宅, medium: usb-disk, rotates: 7d }
  branch:
    type: local
    path: /mnt/branch/mikura
    site: 支店
    medium: server

retention: { daily: 14 }
drill: { schedule: "0 4 1 * *" }
`;

/** A sound policy with a copy of each type. */
export const EVERYWHERE = `mikura: 1
company: 株式会社みほん商店
site: 本社
key-file: /etc/mikura/agent.key
state: /var/lib/mikura
datasets:
  ar: { folders: [/srv/ar] }

copies:
  office: { type: local, path: /mnt/nas/mikura, site: 本社, medium: nas }
  home:
    type: local
    disks: [/media/a/mikura, /media/b/mikura]
    site: 社長宅
    medium: usb-disk
    rotates: 7d
  branch:
    type: rclone
    remote: branch:mikura
    config: /etc/mikura/rclone.conf
    site: 支店
    medium: server
    limit: { upload: 2MB/s, between: "20:00-07:00" }
  server:
    type: rest
    url: https://backup.example.jp/mihon
    user: mihon
    password-file: /etc/mikura/rest-password
    ca-file: /etc/mikura/ca.pem
    site: 倉庫
    medium: server
  cloud:
    type: s3
    region: ap-northeast-1
    bucket: mihon-mikura
    prefix: mikura
    storage-class: STANDARD_IA
    credentials: env
    object-lock: 30d
    site: aws-tokyo
    medium: object-storage
`;

/** The fault of a policy file with this content; another outcome is thrown. */
export async function mistakesIn(content: string | Uint8Array): Promise<PolicyUnsound> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const error: unknown = await loadPolicy("mikura.yaml", {
    readFile: async () => bytes,
    env: { HOME: "/home/hanako" },
    cwd: "/home/hanako/mikura",
    language: "en",
  }).then(
    () => new Error("nothing was found wrong"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PolicyUnsound)) throw error;
  return error;
}

/** GOOD, or another policy, with `from`, which it must contain, replaced once. */
export function edited(from: string, to: string, policy: string = GOOD): string {
  if (!policy.includes(from)) throw new Error(`not in the policy: ${from}`);
  return policy.replace(from, () => to);
}
