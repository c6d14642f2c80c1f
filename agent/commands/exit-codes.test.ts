import { describe, expect, test } from "vitest";
import { Fault } from "../base/fault.ts";
import { plain } from "../base/words.ts";
import type { BackupResult, CopyBackup, DatasetBackup } from "../jobs/backup/backup.ts";
import type { Drill } from "../jobs/drill/drill.ts";
import type { Status } from "../jobs/status/status.ts";
import type { VerifyResult } from "../jobs/verify/verify.ts";
import { backupExit } from "./backup.ts";
import { drillExit } from "./drill.ts";
import { statusExit } from "./status.ts";
import { verifyExit } from "./verify.ts";

const fault = new Fault("copy-failed", { what: plain("x"), next: plain("y") });

describe("backupExit", () => {
  type D = Partial<DatasetBackup>;
  const saved: D = { snapshot: "a", troubles: [] };
  const troubled: D = { snapshot: "a", troubles: [{ path: "/srv/x", why: "EACCES" }] };
  const unsaved: D = { snapshot: undefined, troubles: [], fault };
  type C = Partial<CopyBackup>;
  const copy = (state: CopyBackup["state"], excused = false): C => ({ state, excused });
  const [current, behind, absent, failed] = (
    ["current", "behind", "absent", "failed"] as const
  ).map((state) => copy(state)) as [C, C, C, C];

  test.each<[string, D[], C[], number]>([
    ["all is saved everywhere", [saved, saved], [current, current], 0],
    ["a disk that may be away is away", [saved], [current, copy("absent", true)], 0],
    ["a copy is absent", [saved], [current, absent], 3],
    ["a copy failed", [saved], [current, failed], 3],
    ["a copy is behind", [saved], [current, behind], 3],
    ["a file could not be read", [saved, troubled], [current], 3],
    ["one dataset of two could not be saved", [saved, unsaved], [current], 3],
    ["no dataset could be saved", [unsaved, unsaved], [current], 1],
    ["no copy is current", [saved], [failed, behind, absent], 1],
    ["every copy may be away and is", [saved], [copy("absent", true)], 1],
    ["there was no dataset to save", [], [current], 0],
    ["there is no copy", [saved], [], 1],
  ])("says where %s", (_what, datasets, copies, code) => {
    expect(backupExit({ datasets, copies, seconds: 1 } as unknown as BackupResult)).toBe(code);
  });
});

describe("verifyExit", () => {
  const bad = [{ object: "data/x", kind: "damaged", cause: plain("x") }];
  type C = { bad: typeof bad; fault?: Fault };
  test.each<[string, C[], number]>([
    ["all is right", [{ bad: [] }, { bad: [] }], 0],
    ["something is damaged", [{ bad: [] }, { bad }], 4],
    ["something is damaged and the rest was not reached", [{ bad: [], fault }, { bad }], 4],
    ["something is damaged and then the copy failed", [{ bad, fault }], 4],
    ["one copy was not reached", [{ bad: [] }, { bad: [], fault }], 3],
    [
      "no copy was reached",
      [
        { bad: [], fault },
        { bad: [], fault },
      ],
      1,
    ],
    ["there was no copy", [], 1],
  ])("says where %s", (_what, copies, code) => {
    expect(verifyExit({ copies, seconds: 1 } as unknown as VerifyResult)).toBe(code);
  });
});

describe("drillExit", () => {
  test.each<[Drill["result"][], number]>([
    [["proved", "proved"], 0],
    [["proved", "failed"], 4],
    [["unproved", "failed"], 4],
    [["proved", "unproved"], 3],
    [["unproved"], 1],
    [[], 1],
  ])("says of %j: %i", (results, code) => {
    expect(drillExit(results.map((result) => ({ result }) as unknown as Drill))).toBe(code);
  });
});

describe("statusExit", () => {
  test.each<[Status["verdict"], boolean, number]>([
    ["proved", false, 0],
    ["attention", false, 3],
    ["attention", true, 4],
    ["failed", false, 4],
    ["failed", true, 4],
    ["unproved", false, 3],
    ["unproved", true, 3],
  ])("says of %s, stale %s: %i", (verdict, stale, code) => {
    expect(statusExit({ verdict, stale } as unknown as Status)).toBe(code);
  });
});
