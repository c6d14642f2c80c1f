import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeSpecial } from "../../base/libc.ts";
import { type RawName, rawCompare, rawFromText, rawToBytes } from "../../base/raw-name.ts";
import { excludeOf } from "./exclude.ts";
import { type Step, scan } from "./scan.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "mikura-scan-")));
  chmodSync(root, 0o755);
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, content = "x"): void => {
  const whole = Buffer.concat([Buffer.from(`${root}/`), rawToBytes(path as RawName)]);
  mkdirSync(whole.subarray(0, whole.lastIndexOf("/")), { recursive: true });
  writeFileSync(whole, content);
};

/** One word a step, of the part inside the dataset's folder. */
const short = (step: Step): string => {
  if (step.step === "leave") return "leave";
  if (step.step === "unreadable") return `unreadable ${step.path.slice(root.length)} ${step.errno}`;
  return `${step.step} ${step.found.name}`;
};

function stepsOf(folders: readonly string[], patterns: readonly string[] = []): Step[] {
  const raw = folders.map(rawFromText);
  return [...scan(raw, excludeOf(patterns, raw))];
}

/** The steps below `root`: what is above comes as enter and leave on the way. */
function inside(steps: readonly Step[]): string[] {
  const depth = root.split("/").length - 1;
  return steps.slice(depth, -depth).map(short);
}

describe("scan", () => {
  it("gives each folder's entries between its enter and leave, in the order of bytes", () => {
    put("data/b/2");
    put("data/b/1");
    put("data/a");
    put("data/B");
    put("data/b-1"); // "-" comes before "/": a list of paths would put it inside b
    mkdirSync(join(root, "data/empty"));
    expect(inside(stepsOf([join(root, "data")]))).toEqual([
      "enter data",
      "file B",
      "file a",
      "enter b",
      "file 1",
      "file 2",
      "leave",
      "file b-1",
      "enter empty",
      "leave",
      "leave",
    ]);
  });

  it("sorts by bytes where UTF-16 would sort otherwise, and carries names that are no text", () => {
    for (const name of ["😀", "\ue000"]) put(`data/${rawFromText(name)}`);
    put("data/\xff");
    const names = stepsOf([join(root, "data")]).flatMap((step) =>
      step.step === "file" ? [step.found.name] : [],
    );
    expect(names).toEqual([rawFromText("\ue000"), rawFromText("😀"), "\xff"]);
  });

  it("gives the way down once for folders that share it, and marks it as way", () => {
    for (const folder of ["x/b", "x/a/deep", "y"]) put(`${folder}/file`);
    const steps = stepsOf(["y", "x/b", "x/a/deep"].map((folder) => join(root, folder)));
    expect(inside(steps)).toEqual([
      "enter x",
      "enter a",
      "enter deep",
      "file file",
      "leave",
      "leave",
      "enter b",
      "file file",
      "leave",
      "leave",
      "enter y",
      "file file",
      "leave",
    ]);
    const ways = steps.flatMap((step) =>
      step.step === "enter" && step.way ? [step.found.name] : [],
    );
    expect(ways).toEqual([...root.split("/").slice(1), "x", "a"]);
    const paths = steps.flatMap((step) => (step.step === "file" ? [step.found.path] : []));
    expect(paths).toEqual(["x/a/deep", "x/b", "y"].map((folder) => `${root}/${folder}/file`));
  });

  it("leaves excluded files and whole excluded folders out, and never the folder itself", () => {
    for (const path of ["tmp/keep.csv", "tmp/a.tmp", "tmp/tmp/x", "tmp/old/1", "tmp/new/old/1"])
      put(path);
    expect(inside(stepsOf([join(root, "tmp")], ["*.tmp", "tmp", "old/*"]))).toEqual([
      "enter tmp",
      "file keep.csv",
      "enter new",
      "enter old",
      "file 1",
      "leave",
      "leave",
      "enter old",
      "leave",
      "leave",
    ]);
  });

  it("keeps links and FIFOs as they are, opens none, follows none, and passes over sockets", async () => {
    put("outside/secret");
    mkdirSync(join(root, "data"));
    symlinkSync("../outside", join(root, "data/link"));
    symlinkSync(Buffer.from("no\xffwhere", "latin1"), Buffer.from(`${root}/data/odd`));
    makeSpecial(Buffer.from(`${root}/data/fifo`), 0o010600, 0n);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "data/socket"), resolve));
    const steps = stepsOf([join(root, "data")]);
    server.close();
    expect(inside(steps)).toEqual([
      "enter data",
      "special fifo",
      "special link",
      "special odd",
      "leave",
    ]);
    const targets = steps.flatMap((step) => (step.step === "special" ? [step.found.target] : []));
    expect(targets).toEqual([undefined, "../outside", "no\xffwhere"]);
  });

  it("goes on where a folder cannot be read, and says which one", () => {
    put("data/a/1");
    put("data/closed/1");
    put("data/z/1");
    chmodSync(join(root, "data/closed"), 0o000);
    const steps = asNobody(() => stepsOf([join(root, "data")]));
    chmodSync(join(root, "data/closed"), 0o755);
    expect(inside(steps)).toEqual([
      "enter data",
      "enter a",
      "file 1",
      "leave",
      "enter closed",
      "unreadable /data/closed EACCES",
      "leave",
      "enter z",
      "file 1",
      "leave",
      "leave",
    ]);
  });

  it("goes on where an entry cannot be looked at", () => {
    put("data/closed/1");
    chmodSync(join(root, "data/closed"), 0o444); // listed, but nothing in it may be touched
    const steps = asNobody(() => stepsOf([join(root, "data")]));
    chmodSync(join(root, "data/closed"), 0o755);
    expect(inside(steps)).toContain("unreadable /data/closed/1 EACCES");
  });

  it("passes over what is gone since its folder was listed", () => {
    for (const name of ["a", "b", "c"]) put(`data/${name}`);
    const folder = rawFromText(join(root, "data"));
    const seen: string[] = [];
    for (const step of scan([folder], () => false)) {
      if (step.step === "file" && step.found.name === "a") rmSync(join(root, "data/b"));
      seen.push(short(step));
    }
    expect(seen.filter((step) => step.startsWith("file"))).toEqual(["file a", "file c"]);
    expect(seen.some((step) => step.startsWith("unreadable"))).toBe(false);
  });

  it("throws where the folder itself is gone", () => {
    expect(() => stepsOf([join(root, "missing")])).toThrow("ENOENT");
  });

  it("finds every file of any tree once, each level in order", () => {
    const part = fc.constantFrom("a", "b", "売", "z z", "-", "a.b", "\xff");
    const paths = fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 4 }), {
      selector: (parts) => parts.join("/"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(paths, (all) => {
        rmSync(join(root, "data"), { recursive: true, force: true });
        mkdirSync(join(root, "data"));
        const files = all
          .filter((one) => !all.some((two) => two !== one && isBelow(two, one)))
          .map((parts) =>
            parts.map((name) => (name === "\xff" ? name : rawFromText(name))).join("/"),
          );
        for (const file of files) put(`data/${file}`);
        const found: string[] = [];
        const levels: RawName[][] = [];
        for (const step of stepsOf([join(root, "data")])) {
          if (step.step === "file")
            found.push(step.found.path.slice(root.length + "/data/".length));
          if (step.step === "enter" || step.step === "file") levels.at(-1)?.push(step.found.name);
          if (step.step === "enter") levels.push([]);
          if (step.step === "leave") {
            const level = levels.pop()!;
            expect(level).toEqual(level.toSorted(rawCompare));
          }
        }
        expect(found.toSorted()).toEqual(files.toSorted());
      }),
      { numRuns: 40 },
    );
  });
});

const isBelow = (path: readonly string[], above: readonly string[]): boolean =>
  above.every((part, i) => path[i] === part);

/** Root may read everything: the work is done as a user without rights. */
function asNobody<T>(work: () => T): T {
  if (process.getuid!() !== 0) return work();
  process.seteuid!(65_534);
  try {
    return work();
  } finally {
    process.seteuid!(0);
  }
}
