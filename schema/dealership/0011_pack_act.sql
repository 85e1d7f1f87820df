-- What people did about packs stands in the site's files; each act becomes an audit row here, once. A pack that was removed is told from a
-- folder that is gone. Written by the core only.

CREATE TABLE host_pack_act (id INTEGER PRIMARY KEY) STRICT;   -- acts that the audit log has

CREATE TABLE host_plugin_past (              -- host_plugin_history with one more reason to end
  id INTEGER PRIMARY KEY, plugin TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, origin TEXT NOT NULL,
  began_at INTEGER NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL,
  ended_at INTEGER, ended_by TEXT, ended_why TEXT,
  previous INTEGER REFERENCES host_plugin_past (id),
  change_n INTEGER NOT NULL DEFAULT 0,
  calls INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  trial TEXT, trial_until INTEGER,
  CHECK (why IN ('start', 'save', 'reload', 'rollback', 'trial', 'enable')),
  CHECK (ended_why IN ('replaced', 'gone', 'removed', 'disable', 'rollback', 'trial')),
  CHECK (trial IN ('running', 'passed', 'worse'))
) STRICT;
INSERT INTO host_plugin_past (id, plugin, version, hash, origin, began_at, actor, why, ended_at, ended_by, ended_why, previous,
    change_n, calls, failures, trial, trial_until)
  SELECT id, plugin, version, hash, origin, began_at, actor, why, ended_at, ended_by, ended_why, previous,
    change_n, calls, failures, trial, trial_until FROM host_plugin_history ORDER BY id;
DROP TABLE host_plugin_history;
ALTER TABLE host_plugin_past RENAME TO host_plugin_history;
CREATE INDEX host_plugin_history_plugin ON host_plugin_history (plugin, id);
CREATE INDEX host_plugin_history_hash ON host_plugin_history (hash);   -- is a source still needed?
CREATE UNIQUE INDEX host_plugin_history_now ON host_plugin_history (plugin) WHERE ended_at IS NULL;
CREATE INDEX host_plugin_history_trial ON host_plugin_history (trial_until) WHERE trial = 'running';
