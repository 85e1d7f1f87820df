-- What the console's form sets of what plugins declare in `settings` (host_: the host alone writes it). A value in site.lua stands above it.
CREATE TABLE host_setting (
  plugin TEXT NOT NULL, key TEXT NOT NULL,
  value TEXT NOT NULL,                       -- JSON
  set_by TEXT NOT NULL, set_at INTEGER NOT NULL,
  PRIMARY KEY (plugin, key)
) STRICT;
