-- Backups that were made or tried. A row without an end is one that runs, or was killed. Written by the host only.

CREATE TABLE site_backup (
  id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER,
  file TEXT, bytes INTEGER, hash TEXT,       -- of the backup without its last 100 bytes, as its last line says it
  keys_file TEXT, ok INTEGER, error_zh TEXT, error_en TEXT, CHECK (ok IN (0, 1))
) STRICT;
CREATE INDEX site_backup_started ON site_backup (started_at);
