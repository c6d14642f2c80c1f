import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeAgentKey } from "../../agent/vault/agent-key.ts";
import { newConfig, openConfig, sealConfig } from "../../agent/vault/config-file.ts";
import {
  AGENT_KEY_COST,
  RECOVERY_CODE_COST,
  makeKeyFile,
  unlockKeyFile,
} from "../../agent/vault/key-file.ts";
import { generateMasterKey } from "../../agent/vault/master-key.ts";
import { formatPolynomial } from "../../agent/vault/polynomial.ts";
import { makeRecoveryCode } from "../../agent/vault/recovery-code.ts";
import { NO_RESTIC, restic, scratch, writeAgentKey, writeRepository } from "./restic.ts";

describe.skipIf(NO_RESTIC !== undefined)("keys and config, with restic as the judge", () => {
  test("restic opens our repository with the agent key and with the recovery code", async () => {
    using folder = scratch();
    const repository = join(folder.path, "repository");
    const masterKey = generateMasterKey(randomBytes);
    const config = newConfig(randomBytes);
    const agentKey = makeAgentKey(randomBytes);
    const recoveryCode = makeRecoveryCode(randomBytes);
    const common = { masterKey, created: Date.now(), username: "経理 <1>", hostname: 'pc"\\&' };
    const keyFiles = [
      await makeKeyFile({ ...common, password: agentKey, cost: AGENT_KEY_COST }),
      await makeKeyFile({ ...common, password: recoveryCode, cost: RECOVERY_CODE_COST }),
    ];
    writeRepository(repository, sealConfig(masterKey, config), keyFiles);
    const agent = writeAgentKey(folder.path, agentKey);

    const listed = restic(repository, agent, ["list", "keys"]).toString().trim().split("\n");
    expect(listed.sort()).toEqual(keyFiles.map(({ name }) => name).sort());
    const check = restic(repository, agent, ["check", "--read-data"]).toString();
    expect(check).toContain("no errors were found");

    expect(JSON.parse(restic(repository, recoveryCode, ["cat", "config"]).toString())).toEqual({
      version: 2,
      id: config.id,
      chunker_polynomial: formatPolynomial(config.polynomial),
    });
    expect(() => restic(repository, `${recoveryCode}A`, ["snapshots"])).toThrow("wrong password");
  });

  test.each([1, 2] as const)(
    "we open a repository of version %i made by restic",
    async (version) => {
      using folder = scratch();
      const password = "売掛金 pass";
      const init = ["init", "--repository-version", String(version)];
      const told = restic(folder.path, password, init).toString();
      const [name = ""] = readdirSync(join(folder.path, "keys"));
      const keyFile = readFileSync(join(folder.path, "keys", name));
      expect(await unlockKeyFile(keyFile, "another")).toBeUndefined();
      const masterKey = await unlockKeyFile(keyFile, password);
      const config = openConfig(masterKey!, readFileSync(join(folder.path, "config")));
      expect(config.version).toBe(version);
      expect(told).toContain(`created restic repository ${config.id.slice(0, 10)} `);
    },
  );
});
