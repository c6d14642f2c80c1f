import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "../../base/fault.ts";
import { formatAgentKey, makeAgentKey } from "../../vault/agent-key.ts";
import { newConfig, sealConfig } from "../../vault/config-file.ts";
import { idOf } from "../../vault/ids.ts";
import { AGENT_KEY_COST, RECOVERY_CODE_COST, makeKeyFile } from "../../vault/key-file.ts";
import { type MasterKey, generateMasterKey } from "../../vault/master-key.ts";
import { makeRecoveryCode } from "../../vault/recovery-code.ts";
import { readAgentKey } from "../common/unlock.ts";
import type { Workplace } from "../common/workplace.ts";

/** Makes the agent key, if there is none, and the vault's config and first key file, in the ledger. */
export async function makeVault(place: Workplace): Promise<void> {
  const { ledger, around } = place;
  const password = await agentKey(place);
  const key = generateMasterKey(around.random);
  const config = newConfig(around.random);
  const sealed = sealConfig(key, config);
  const keyFile = await makeKeyFile({
    password,
    masterKey: key,
    cost: AGENT_KEY_COST,
    created: around.clock.now(),
    username: "mikura",
    hostname: around.hostname,
  });
  const now = around.clock.now();
  ledger.together(() => {
    ledger.vault.name(config.id, now);
    ledger.vault.addSeed({ kind: "config", name: "config", bytes: sealed });
    ledger.vault.addSeed({ kind: "keys", ...keyFile });
    ledger.objects.add(
      { kind: "config", name: "config", size: sealed.length, sha256: idOf(sealed) },
      now,
    );
    ledger.objects.add(
      { kind: "keys", name: keyFile.name, size: keyFile.bytes.length, sha256: keyFile.name },
      now,
    );
  });
}

/**
 * A new recovery code and its key file, in the ledger. An earlier one that nobody was shown stays
 * behind: it opens nothing that anybody knows.
 */
export async function newRecoveryKey(
  { ledger, around }: Workplace,
  key: MasterKey,
): Promise<string> {
  const code = makeRecoveryCode(around.random);
  const keyFile = await makeKeyFile({
    password: code,
    masterKey: key,
    cost: RECOVERY_CODE_COST,
    created: around.clock.now(),
    username: "recovery-code",
    hostname: around.hostname,
  });
  ledger.together(() => {
    ledger.vault.addSeed({ kind: "keys", ...keyFile });
    ledger.objects.add(
      { kind: "keys", name: keyFile.name, size: keyFile.bytes.length, sha256: keyFile.name },
      around.clock.now(),
    );
  });
  return code;
}

/** The key of the policy's key file, made with mode 0600 where there is none. */
async function agentKey({ policy, around }: Workplace): Promise<string> {
  const password = makeAgentKey(around.random);
  try {
    await mkdir(dirname(policy.keyFile), { recursive: true, mode: 0o700 });
    await using file = await open(policy.keyFile, "wx", 0o600);
    await file.writeFile(formatAgentKey(password));
    await file.sync();
    return password;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return await readAgentKey(policy.keyFile);
    throw error;
  }
}
