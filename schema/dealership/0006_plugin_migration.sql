-- Which migrations of plugins ran here: each row is written in the transaction that ran its file. Written by the core only.

CREATE TABLE host_plugin_migration (
  plugin TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (plugin, number)
) STRICT;
