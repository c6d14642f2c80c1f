/** A file that init writes into `mikura/` of every copy. */
export interface ReadmeNote {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * How to restore without mikura, for whoever holds the disk when nothing else is left. It names
 * neither company nor copy and holds no secret: a stranger may read it.
 */
export function readmeNotes(): readonly ReadmeNote[] {
  return [
    { name: "READ-ME-FIRST.txt", bytes: windowsText(ENGLISH) },
    { name: "はじめに読む.txt", bytes: windowsText(JAPANESE) },
  ];
}

/** With byte order mark and CRLF: old editors of Windows show garbage or one long line otherwise. */
function windowsText(text: string): Buffer {
  return Buffer.from(`\uFEFF${text.replaceAll("\n", "\r\n")}`, "utf8");
}

const JAPANESE = `はじめにお読みください

このディスク（またはフォルダ）には、会社の大切なデータの写しが、暗号化されて入っています。
「復旧コード」があれば、mikura がなくても元に戻せます。

◆ してはいけないこと
・壊れたパソコン、ウイルスが疑われるパソコンに、このディスクをつながない。
・このディスクの中のファイルを、消さない、移さない、名前を変えない。
・もとのデータの場所へ直接戻さない。必ず新しい空のフォルダへ戻す。

◆ 用意するもの
・安全なパソコン 1台
・紙に書いた復旧コード
・restic という無料のプログラム
　Windows：緊急キットに restic.exe があれば、それを使います（ダウンロード不要）。
　Linux：apt install restic　　Mac：brew install restic

◆ 戻し方
1. 黒い画面（Windows は「コマンド プロンプト」、ほかは「ターミナル」）を開きます。
　 Windows では、restic.exe のあるフォルダで開きます。
2. 次の1行を打って Enter を押します。
　 「写しのフォルダ」は、この文書がある mikura フォルダの1つ上です（data や config が見える所）。

　 restic -r "写しのフォルダ" --no-lock restore latest --target "新しい空のフォルダ"

　 Windows の例：restic -r "E:\\三蔵" --no-lock restore latest --target "C:\\復元"
3. password と聞かれたら、復旧コードを印刷のとおり打って Enter を押します。
　 大文字で、ハイフン（-）も入れます。打った文字は画面に出ませんが、それで正常です。

何種類もの業務データがあるときは、次の1行で一覧を出し、latest の代わりに左端の ID を使って、
1つずつ別の空のフォルダへ戻します。

　 restic -r "写しのフォルダ" --no-lock snapshots

◆ 正しく戻ったかを確かめる
・Linux：戻したフォルダの中で　sha256sum -c .mikura/SHA256SUMS
・Mac：戻したフォルダの中で　shasum -a 256 -c .mikura/SHA256SUMS
　すべて OK と出れば、保存したときと1文字も違いません。
・Windows：certutil -hashfile "ファイル名" SHA256 の答えを、.mikura の中の SHA256SUMS と見比べます。

わからないときは、何も消さず、このディスクを抜いて、詳しい人にこの文書を見せてください。
restic の説明書：https://restic.readthedocs.io/
`;

const ENGLISH = `READ ME FIRST

This disk (or folder) holds an encrypted copy of a company's important data.
With the recovery code it can be brought back, even without mikura.

* DO NOT
- Do not connect this disk to a damaged computer, or to one that may have a virus.
- Do not delete, move or rename anything on this disk.
- Do not restore over the original data. Always restore into a new, empty folder.

* YOU NEED
- one safe computer
- the recovery code, printed on paper (it is in the emergency kit)
- restic, a free program
  Windows: if restic.exe is in the emergency kit, use it; nothing has to be downloaded.
  Linux: apt install restic      Mac: brew install restic

* HOW TO RESTORE
1. Open a text window (Windows: Command Prompt; others: Terminal).
   On Windows open it in the folder where restic.exe is.
2. Type this one line and press Enter. COPY FOLDER is the folder above the "mikura" folder
   in which this text lies (it shows "data" and "config").

   restic -r "COPY FOLDER" --no-lock restore latest --target "NEW EMPTY FOLDER"

   Example on Windows: restic -r "E:\\mikura" --no-lock restore latest --target "C:\\restored"
3. When it asks for the password, type the recovery code exactly as printed and press Enter:
   capital letters, with the hyphens (-). Nothing shows while you type; that is normal.

If there are several kinds of data, list them with the next line, and use the ID at the left
instead of "latest". Restore each one into a new, empty folder of its own.

   restic -r "COPY FOLDER" --no-lock snapshots

* CHECK WHAT CAME BACK
- Linux: inside the restored folder type    sha256sum -c .mikura/SHA256SUMS
- Mac: inside the restored folder type      shasum -a 256 -c .mikura/SHA256SUMS
  If every line says OK, not one letter differs from what was saved.
- Windows: compare the answer of    certutil -hashfile "FILE" SHA256
  with the line of that file in SHA256SUMS, which is in the folder .mikura

If in doubt: delete nothing, unplug this disk, and show this text to someone who knows computers.
The manual of restic: https://restic.readthedocs.io/
`;
