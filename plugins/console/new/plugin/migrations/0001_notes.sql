-- Runs once. What has run is never changed: the next change is 0002_....sql.
CREATE TABLE @NAME_@_note (
  id INTEGER PRIMARY KEY,
  words TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX @NAME_@_note_made_at ON @NAME_@_note (made_at);
