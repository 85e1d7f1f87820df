-- Plugins that are switched off: not loaded while the row stands, whatever lies in the folder. Written by the host only.

CREATE TABLE host_plugin_off (
  plugin TEXT PRIMARY KEY, at INTEGER NOT NULL,
  actor TEXT NOT NULL,                       -- a login, or 'host' after a crash
  why TEXT NOT NULL DEFAULT ''               -- a sentence in each language, as JSON; '' none was given
) STRICT;
