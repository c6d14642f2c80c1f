import { EXIT } from "../base/fault.ts";
import { listSnapshots } from "../jobs/history/history.ts";
import { type Command, print, say } from "./command.ts";
import { formatBytes, formatCount, formatTime, table } from "./format.ts";
import { withPlace } from "./with-place.ts";

export const snapshotsCommand: Command = {
  name: "snapshots",
  summary: { ja: "世代の一覧", en: "lists snapshots" },
  usage: "[--copy C] [DATASET]",
  words: [0, 1],
  options: {
    copy: { value: "C", about: { ja: "この写しだけを見る", en: "look at this copy only" } },
  },
  help: {
    ja: `つながっているすべての写しの世代を、古い順に並べます。どの写しにあるかも分かります。`,
    en: `Lists the snapshots of all copies that are connected, oldest first, and which copies hold them.`,
  },
  async run(session) {
    return await withPlace(session, { alone: false }, async (place) => {
      const { language, timezone } = place.policy;
      const { snapshots, unasked } = await listSnapshots(place, session.option("copy"));
      const [dataset] = session.words;
      const shown = snapshots.filter(
        ({ snapshot }) => dataset === undefined || snapshot.tags.includes(dataset),
      );
      const json = {
        snapshots: shown.map(({ snapshot, copies, files, bytes }) => ({
          id: snapshot.id,
          time: new Date(Number(snapshot.time / 1_000_000n)).toISOString(),
          dataset: snapshot.tags[0] ?? null,
          hostname: snapshot.hostname,
          paths: snapshot.paths,
          files: files ?? null,
          bytes: bytes ?? null,
          copies,
        })),
        unasked: unasked.map(({ copy, fault }) => ({ copy, ...fault.toJson(language) })),
      };
      print(session, json, () =>
        shown.length === 0
          ? say(language, "世代はまだありません", "There are no snapshots yet")
          : table(
              shown.map(({ snapshot, copies, files, bytes }) => [
                snapshot.id.slice(0, 8),
                formatTime(Number(snapshot.time / 1_000_000n), timezone),
                snapshot.tags.join(",") || snapshot.hostname,
                files === undefined
                  ? ""
                  : say(language, `${formatCount(files)}件`, `${formatCount(files)} files`),
                bytes === undefined ? "" : formatBytes(bytes),
                copies.join(" "),
              ]),
              "",
            ),
      );
      for (const { fault } of unasked) session.note(fault.what[language]);
      return unasked.length > 0 ? EXIT.incomplete : EXIT.well;
    });
  },
};
