/** What the child may see of the environment; all else stays with mikura. */
const PASSED: ReadonlySet<string> = new Set([
  ..."PATH HOME XDG_CONFIG_HOME XDG_CACHE_HOME TMPDIR".split(" "),
  // On Windows nothing starts, and no config file is found, without them.
  ..."SYSTEMROOT APPDATA LOCALAPPDATA USERPROFILE TEMP TMP".split(" "),
  // How to get out of an office network, whom to trust, and the agent that holds SSH keys.
  ..."HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR SSH_AUTH_SOCK".split(
    " ",
  ),
]);

/**
 * rclone takes every flag from the environment, too. These would open a port (RC), move or alter
 * the log that is read for causes, hide objects from a listing (filters), or make writing a
 * pretence. RCLONE_EXECUTABLE is ours.
 */
const WITHHELD: RegExp = new RegExp(
  `^RCLONE_(?:${[
    "RC(?:_.*)?",
    "EXECUTABLE",
    "(?:LOG|USE_JSON|SYSLOG|JOURNALD|DUMP|STATS|PROGRESS|VERBOSE|QUIET|ERROR_ON).*",
    "(?:DRY_RUN|INTERACTIVE|IMMUTABLE|ASK_PASSWORD)",
    "(?:INCLUDE|EXCLUDE|FILTER|FILES_FROM|MIN_|MAX_SIZE|MAX_AGE|MAX_DEPTH|HASH_FILTER|METADATA_).*",
    "(?:STDIO|APPEND_ONLY|PRIVATE_REPOS|CACHE_OBJECTS|ADDR|BASEURL|HTPASSWD|USER|PASS|REALM|SALT)",
    "(?:CERT|KEY|CLIENT_CA|BWLIMIT|BWLIMIT_.*|TPSLIMIT.*|CPUPROFILE|MEMPROFILE)",
  ].join("|")})$`,
);

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of the child: what rclone needs, and nothing that changes what it serves. */
export function childEnvironment(env: Environment): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const upper = name.toUpperCase();
    const wanted = PASSED.has(upper) || (upper.startsWith("RCLONE_") && !WITHHELD.test(upper));
    if (wanted && value !== undefined) passed[name] = value;
  }
  return passed;
}
