import { execFileSync } from "node:child_process";
import { RCLONE, rcloneBench, subjectOf } from "./rclone-subject.ts";
import { describeStore } from "./store-suite.ts";

describeStore(
  "rclone, local disk",
  async () => subjectOf(await rcloneBench((root) => `[disk]\ntype = alias\nremote = ${root}\n`)),
  { rounds: 5 },
);

const password = execFileSync(RCLONE, ["obscure", "a password of the test"], {
  encoding: "utf8",
}).trim();

describeStore(
  "rclone, encrypted by rclone",
  async () => {
    const bench = await rcloneBench(
      (root) => `[secret]\ntype = crypt\nremote = ${root}\npassword = ${password}\n`,
      "secret:",
    );
    return subjectOf(bench, async (path, bytes) => {
      const to = `secret:${path}`;
      execFileSync(RCLONE, ["--config", bench.config, "rcat", to], { input: bytes });
    });
  },
  { rounds: 3 },
);
