-- What the host itself keeps in a dealership's store. Written by the core only.

CREATE TABLE host_blob (                     -- sources of generations and frozen definitions, by content hash
  hash TEXT PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL
) STRICT;

CREATE TABLE host_live_set (                 -- plugin, version, hash of all that is in force
  plugin TEXT PRIMARY KEY, version TEXT NOT NULL, hash TEXT NOT NULL, origin TEXT NOT NULL, since INTEGER NOT NULL
) STRICT;

CREATE TABLE host_definition (               -- every definition that ever was in force: answers keep the version they were asked with
  hash TEXT PRIMARY KEY, point TEXT NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL, plugin TEXT NOT NULL,
  plugin_version TEXT NOT NULL, place TEXT NOT NULL, body TEXT NOT NULL, first_seen INTEGER NOT NULL
) STRICT;

CREATE TABLE host_decision (                 -- what a rule set concluded and why
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, point TEXT NOT NULL, set_id TEXT NOT NULL, set_hash TEXT NOT NULL,
  subject_kind TEXT NOT NULL, subject_id INTEGER NOT NULL, rule TEXT, place TEXT, facts_sealed BLOB NOT NULL,
  result_sealed BLOB NOT NULL,                -- facts and trace may hold what a person said
  actor TEXT NOT NULL, mode TEXT NOT NULL DEFAULT 'live'
) STRICT;
CREATE INDEX host_decision_subject ON host_decision (subject_kind, subject_id, at);

CREATE TABLE host_audit (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL, subject TEXT, detail TEXT
) STRICT;
CREATE INDEX host_audit_at ON host_audit (at);

CREATE TABLE host_mail (                     -- outgoing mail, queued in the transaction that caused it
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
  made_at INTEGER NOT NULL, next_at INTEGER, tries INTEGER NOT NULL DEFAULT 0, sent_at INTEGER, error TEXT
) STRICT;
CREATE INDEX host_mail_due ON host_mail (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE host_job (                      -- runs of operators' scripts
  id INTEGER PRIMARY KEY, script TEXT NOT NULL, params TEXT NOT NULL, actor TEXT NOT NULL, state TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, what TEXT, result TEXT, error TEXT,
  made_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, pid INTEGER,
  CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled'))
) STRICT;
CREATE INDEX host_job_state ON host_job (state, made_at);

CREATE TABLE host_counter (series TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;

CREATE TABLE host_erased (                   -- persons whose keys were destroyed, so that an old key store cannot bring them back
  person INTEGER PRIMARY KEY, at INTEGER NOT NULL
) STRICT;
