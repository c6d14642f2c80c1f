export const SCHEMA_VERSION = 2;

/** Times are milliseconds since the epoch by the agent's clock, unless the name says ns. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS vault (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,              -- repository id in config
  made_at INTEGER NOT NULL,
  code_shown_at INTEGER          -- when the recovery code was shown; NULL: nobody has one yet
) STRICT;

-- config and key files as sealed: every copy has the same ones, and a damaged one is replaced by these.
CREATE TABLE IF NOT EXISTS seeds (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS copies (
  name TEXT PRIMARY KEY,
  id TEXT NOT NULL,              -- random identity in the copy's marker
  made_at INTEGER NOT NULL,
  place TEXT,                    -- physical place when it was last reached (copies/local/place.ts)
  seen_at INTEGER,               -- last time that it was reached and was the right one
  current_at INTEGER,            -- last time that it held everything
  undeletable_at INTEGER         -- last time that a trial to delete there was refused; NULL: it worked, or none
) STRICT;

CREATE TABLE IF NOT EXISTS objects (
  kind TEXT NOT NULL,            -- config keys data index snapshots
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,          -- equals the name but for config
  made_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS presence (
  copy TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  seen_at INTEGER NOT NULL,      -- put there, or seen in a listing
  verified_at INTEGER,           -- last read back with the right hash
  bad TEXT,                      -- damaged | missing: the last finding, NULL when good
  bad_since INTEGER,
  PRIMARY KEY (copy, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS snapshots (
  id TEXT PRIMARY KEY,
  dataset TEXT NOT NULL,
  time_ns INTEGER NOT NULL,      -- time that the snapshot claims
  received_at INTEGER NOT NULL,  -- time that the ledger took it in
  tree TEXT NOT NULL,
  manifest_sha256 TEXT NOT NULL, -- of .mikura/manifest.json
  manifest_node TEXT NOT NULL,   -- JSON of the node of .mikura in the root tree
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  skipped TEXT NOT NULL,         -- JSON list of what could not be read
  scan_sha256 TEXT               -- of the scan memory that belongs to it
) STRICT;
CREATE INDEX IF NOT EXISTS snapshots_by_dataset ON snapshots (dataset, received_at);

CREATE TABLE IF NOT EXISTS drills (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  dataset TEXT NOT NULL,
  copy TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  result TEXT NOT NULL,          -- proved | failed
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  seconds REAL NOT NULL,
  detail TEXT NOT NULL           -- JSON
) STRICT;
CREATE INDEX IF NOT EXISTS drills_by_place ON drills (dataset, copy, at);

CREATE TABLE IF NOT EXISTS due (
  job TEXT PRIMARY KEY,          -- backup:DATASET, verify, drill
  schedule TEXT NOT NULL,        -- cron text and time zone that the time was computed from
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL           -- JSON
) STRICT;
`;

/** What brings a ledger of the version before to this one, by the version that it makes. */
export const MIGRATIONS: Readonly<Record<number, string>> = {
  2: "ALTER TABLE copies ADD COLUMN undeletable_at INTEGER;",
};
