import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCredentials } from "./credentials.ts";

const id = "AKIAEXAMPLE";
const secret = "wJalr/K7MDENG+bPxRfi=EXAMPLE";

describe("readCredentials", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mikura-s3-"));
    file = join(folder, "s3.key");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("takes them from the environment", async () => {
    const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: "" };
    expect(await readCredentials("env", env)).toEqual({ accessKeyId: id, secretAccessKey: secret });
    const token = { ...env, AWS_SESSION_TOKEN: "token" };
    expect(await readCredentials("env", token)).toMatchObject({ sessionToken: "token" });
  });

  it("says what the environment lacks", async () => {
    const lack = { code: "key-missing", message: expect.stringContaining("AWS_SECRET_ACCESS_KEY") };
    await expect(readCredentials("env", {})).rejects.toMatchObject(lack);
    await expect(readCredentials("env", { AWS_ACCESS_KEY_ID: id })).rejects.toMatchObject(lack);
  });

  it("leaves a profile to the SDK", async () => {
    expect(await readCredentials({ profile: "backup" }, {})).toBeUndefined();
  });

  const texts: readonly [string, string][] = [
    ["lines", `aws_access_key_id=${id}\naws_secret_access_key=${secret}\n`],
    [
      "AWS's file",
      `[default]\r\naws_access_key_id = ${id}\r\naws_secret_access_key = ${secret}\r\n`,
    ],
    [
      "two sections",
      `[a]\naws_access_key_id=${id}\naws_secret_access_key=${secret}\n[b]\naws_access_key_id=x\naws_secret_access_key=y\n`,
    ],
    ["JSON", JSON.stringify({ accessKeyId: id, secretAccessKey: secret })],
    [
      "JSON as AWS writes it",
      `\uFEFF${JSON.stringify({ AccessKeyId: id, SecretAccessKey: secret, Version: 1 })}`,
    ],
  ];
  it.each(texts)("reads a file of %s", async (_, text) => {
    await writeFile(file, text, { mode: 0o600 });
    expect(await readCredentials({ file }, {})).toEqual({
      accessKeyId: id,
      secretAccessKey: secret,
    });
  });

  it.each([0o640, 0o604, 0o660, 0o644])("refuses a file of mode %o", async (mode) => {
    await writeFile(file, texts[0]?.[1] ?? "");
    await chmod(file, mode);
    await expect(readCredentials({ file }, {})).rejects.toMatchObject({
      code: "key-unsafe",
      exit: 2,
    });
  });

  it.each(["", "{", `{"secretAccessKey": "${secret}"`, `aws_secret_access_key=${secret}`, "[]"])(
    "shows nothing of a file that holds none: %j",
    async (text) => {
      await writeFile(file, text, { mode: 0o600 });
      const error: unknown = await readCredentials({ file }, {}).catch((error: unknown) => error);
      expect(error).toMatchObject({ code: "key-wrong", exit: 2 });
      expect(JSON.stringify(error) + String(error)).not.toContain(secret);
    },
  );

  it("says that a file is missing", async () => {
    await expect(readCredentials({ file }, {})).rejects.toMatchObject({
      code: "key-missing",
      exit: 2,
    });
  });
});
