import { Document } from "yaml";
import type { Language } from "../base/words.ts";
import { type Session, say } from "./command.ts";

interface Place {
  readonly name: string;
  readonly path: string;
  readonly site: string;
  readonly medium: string;
}

/** Answers that make a first policy. */
interface Answers {
  readonly company: string;
  readonly folder: string;
  readonly places: readonly Place[];
  readonly demo: boolean;
}

/** Asks for a first policy on the terminal; its YAML text. */
export async function askPolicy(
  ask: NonNullable<Session["ask"]>,
  language: Language,
): Promise<string> {
  const q = async (ja: string, en: string, fallback: string): Promise<string> =>
    await ask(say(language, ja, en), fallback);
  const company = await q(
    "会社の名前",
    "Name of the company",
    say(language, "株式会社みほん商店", "Sample Trading"),
  );
  const folder = await q("守りたいフォルダー", "Folder to protect", "/srv/ledger");
  const places: Place[] = [];
  for (const [i, preset] of PRESETS.entries()) {
    const path = await q(
      `写し${i + 1}の置き場所（フォルダー）`,
      `Place of copy ${i + 1} (folder)`,
      preset.path,
    );
    const site = await q("　それはどこにありますか", "  Where is that", preset.site[language]);
    const medium = await q(`　媒体（${MEDIA}）`, `  Kind of medium (${MEDIA})`, preset.medium);
    places.push({ name: preset.name, path, site, medium });
  }
  return policyText({ company, folder, places, demo: false }, language);
}

/** A practice policy with everything in one folder, for `--yes`. */
export function practicePolicy(language: Language): string {
  const places = PRESETS.map(({ name, site, medium }) => ({
    name,
    path: `./copies/${name}`,
    site: site[language],
    medium,
  }));
  const company = say(language, "株式会社みほん商店", "Sample Trading");
  return policyText({ company, folder: "./data", places, demo: true }, language);
}

const MEDIA = "nas, usb-disk, disk, server";

const PRESETS = [
  { name: "office", path: "/mnt/nas/mikura", site: { ja: "本社", en: "office" }, medium: "nas" },
  { name: "home", path: "/media/mikura", site: { ja: "社長宅", en: "home" }, medium: "usb-disk" },
  {
    name: "branch",
    path: "/mnt/branch/mikura",
    site: { ja: "支店", en: "branch" },
    medium: "server",
  },
] as const;

function policyText({ company, folder, places, demo }: Answers, language: Language): string {
  const document = new Document({
    mikura: 1,
    ...(demo ? { demo: true } : {}),
    company,
    language,
    site: say(language, "本社", "office"),
    "key-file": "./agent.key",
    state: "./state",
    datasets: {
      "accounts-receivable": {
        title: say(language, "売掛金", "accounts receivable"),
        folders: [folder],
      },
    },
    copies: Object.fromEntries(
      places.map(({ name, path, site, medium }) => [name, { type: "local", path, site, medium }]),
    ),
  });
  document.commentBefore = demo
    ? say(
        language,
        " 練習用：3つの写しが同じ場所にあります。本番では path を別々の機器にし、demo の行を消してください",
        " For practice: the three copies lie in one place. For real use, put each path on its own device and remove demo",
      )
    : say(language, " mikura の方針書。説明：docs/", " Policy of mikura");
  return document.toString();
}
