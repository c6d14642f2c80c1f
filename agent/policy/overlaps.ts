import type { Words } from "../base/words.ts";
import type { Finding } from "./mistakes.ts";
import { isWithin } from "./paths.ts";
import type { Place } from "./places.ts";

/** Places that must not lie in one another. By text only: what links lead to is judged where the disk is read. */
export function overlaps(places: readonly Place[]): Finding[] {
  return places.flatMap((place, index) => {
    // The first clash of a place is enough: mending it mends the others.
    for (const other of places.slice(0, index)) {
      const found = clash(place, other) ?? clash(other, place);
      if (found) return [found];
    }
    return [];
  });
}

/** What is wrong where `inner` is `outer` or lies in it; undefined where nothing is. */
function clash(inner: Place, outer: Place): Finding | undefined {
  if (!isWithin(inner.absolute, outer.absolute)) return undefined;
  const same = isWithin(outer.absolute, inner.absolute);
  const [small, large] = [inner.shown, outer.shown];
  switch (`${inner.role} in ${outer.role}`) {
    case "copy in copy":
      if (inner.owner === outer.owner) return diskTwice(inner, outer, same);
      return at(
        inner,
        same
          ? {
              ja: `写し ${outer.owner} と同じ場所（${large}）です。1 か所が壊れると両方なくなります`,
              en: `this is the same place as copy ${outer.owner} (${large}); one failure would take both`,
            }
          : {
              ja: `写し ${inner.owner} が、写し ${outer.owner} の場所（${large}）の中にあります`,
              en: `copy ${inner.owner} lies inside copy ${outer.owner} (${large})`,
            },
        inner.absolute.startsWith("/") ? ANOTHER_DEVICE : ANOTHER_PLACE,
      );
    case "copy in folder":
      return at(
        inner,
        {
          ja: `写しの場所が、業務データ ${outer.owner} のフォルダー（${large}）の中にあります。写しが写し自身を保存し続けてしまいます`,
          en: `the copy lies inside a folder of dataset ${outer.owner} (${large}) and would back itself up again and again`,
        },
        ANOTHER_DEVICE,
      );
    case "folder in copy":
      return at(
        outer,
        {
          ja: `写しの場所（${large}）の中に、業務データ ${inner.owner} のフォルダー（${small}）があります`,
          en: `this place (${large}) contains a folder of dataset ${inner.owner} (${small})`,
        },
        ANOTHER_DEVICE,
      );
    case "folder in folder":
      if (inner.owner === outer.owner)
        return at(
          inner,
          {
            ja: `フォルダー（${small}）は、${same ? "すでに書かれています" : `同じ業務データの ${large} に含まれています`}`,
            en: `this folder (${small}) is ${same ? "already in the list" : `already within ${large} of the same dataset`}`,
          },
          {
            ja: "この行を消してください。そのままで保存されています",
            en: "Remove it; it is backed up anyway",
          },
        );
      return same
        ? at(
            inner,
            {
              ja: `同じフォルダー（${small}）が、業務データ ${outer.owner} にもあります`,
              en: `the same folder (${small}) is in dataset ${outer.owner} too`,
            },
            {
              ja: "どちらか一方の業務データだけに書いてください",
              en: "Keep it in one of the two datasets",
            },
          )
        : undefined;
    case "key in copy":
    case "secret in copy":
      return at(
        inner,
        {
          ja: `鍵や合言葉のファイルが、写し ${outer.owner} の場所（${large}）の中にあります。写しを盗まれると中身を読まれます`,
          en: `the key or password lies inside copy ${outer.owner} (${large}); whoever takes the copy could read it`,
        },
        elsewhere(inner),
      );
    case "key in folder":
    case "secret in folder":
      return at(
        inner,
        {
          ja: `鍵や合言葉のファイルが、業務データ ${outer.owner} のフォルダー（${large}）の中にあります。共有する人の目に触れ、フォルダーごと失うおそれもあります`,
          en: `the key or password lies inside a folder of dataset ${outer.owner} (${large}), open to all who share it and lost along with it`,
        },
        elsewhere(inner),
      );
    case "state in copy":
      return at(
        inner,
        {
          ja: `台帳が、写し ${outer.owner} の場所（${large}）の中にあります。写しの異常を見つける台帳が、写しと一緒に失われます`,
          en: `the ledger lies inside copy ${outer.owner} (${large}); it would be lost together with what it watches over`,
        },
        {
          ja: "この行を消すと標準の場所になります。別の場所なら「state: /var/lib/mikura」のように書いてください",
          en: "Remove the line for the usual place, or write another, such as `state: /var/lib/mikura`",
        },
      );
    default:
      return undefined;
  }
}

function at({ path }: Place, what: Words, next: Words): Finding {
  return { path, at: "value", what, next };
}

const ANOTHER_DEVICE: Words = {
  ja: "写しの path を、別の機器にある専用のフォルダーに変えてください。例：「path: /media/usb/mikura」",
  en: "Give the copy a folder of its own on another device, such as `path: /media/usb/mikura`",
};

const ANOTHER_PLACE: Words = {
  ja: "写しには、それぞれ専用の置き場所（別のバケットやサーバー、別の場所）を書いてください",
  en: "Give each copy a place of its own: another bucket, server or folder",
};

function diskTwice(inner: Place, outer: Place, same: boolean): Finding {
  return at(
    inner,
    same
      ? {
          ja: `同じディスクの場所（${outer.shown}）が 2 回書かれています`,
          en: `the same disk (${outer.shown}) is in the list twice`,
        }
      : {
          ja: `ディスクの場所が、もう 1 台のディスクの場所（${outer.shown}）の中にあります`,
          en: `this disk's path lies inside another's (${outer.shown})`,
        },
    {
      ja: "ディスクごとに、つなぐと現れる別々の場所を書いてください。ディスクが 1 台だけなら path を使います",
      en: "Write for each disk the place where that one appears; for a single disk use path",
    },
  );
}

function elsewhere({ path }: Place): Words {
  const key = String(path.at(-1));
  const example = `${key}: ${EXAMPLES[key] ?? "/etc/mikura/agent.key"}`;
  return {
    ja: `業務データと写しの外に移し、その場所を書いてください。例：「${example}」`,
    en: `Move it out of data and copies and write where it is, such as \`${example}\``,
  };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  "password-file": "/etc/mikura/password",
  file: "/etc/mikura/s3-credentials",
  config: "/etc/mikura/rclone.conf",
};
