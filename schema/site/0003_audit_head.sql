-- The signed head of each dealership's audit log, kept apart from the log, so that a log whose end was cut off is seen.
-- Written by the host only (core/store/audit_chain.c).

CREATE TABLE site_audit_key (                -- public keys that have signed, the newest is in force
  id TEXT PRIMARY KEY, public TEXT NOT NULL, made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE site_audit_head (
  dealership TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, hash BLOB NOT NULL, more INTEGER NOT NULL, key_id TEXT NOT NULL, signature BLOB NOT NULL
) STRICT;
