import { expect, it } from "vitest";
import { childEnvironment } from "./environment.ts";

it("passes what rclone needs", () => {
  const env = {
    PATH: "/usr/bin",
    HOME: "/root",
    XDG_CONFIG_HOME: "/x",
    TMPDIR: "/tmp",
    https_proxy: "http://proxy:3128",
    RCLONE_CONFIG: "/etc/rclone.conf",
    RCLONE_CONFIG_PASS: "x",
    RCLONE_CONFIG_BRANCH_TYPE: "sftp",
    RCLONE_PASSWORD_COMMAND: "x",
    RCLONE_CA_CERT: "/x",
    RCLONE_SFTP_KEY_FILE: "/x",
    RCLONE_USER_AGENT: "x",
  };
  expect(childEnvironment(env)).toEqual(env);
});

it.each([
  "AWS_SECRET_ACCESS_KEY",
  "MIKURA_POLICY",
  "NODE_OPTIONS",
  "LD_PRELOAD",
  "RCLONE_EXECUTABLE",
  "RCLONE_RC",
  "RCLONE_RC_ADDR",
  "RCLONE_RC_NO_AUTH",
  "RCLONE_LOG_FILE",
  "RCLONE_LOG_LEVEL",
  "RCLONE_VERBOSE",
  "RCLONE_DUMP",
  "RCLONE_DRY_RUN",
  "RCLONE_EXCLUDE",
  "RCLONE_FILTER_FROM",
  "RCLONE_MAX_SIZE",
  "RCLONE_APPEND_ONLY",
  "RCLONE_BWLIMIT",
  "RCLONE_ADDR",
])("keeps %s back", (name) => {
  expect(childEnvironment({ [name]: "x" })).toEqual({});
});
