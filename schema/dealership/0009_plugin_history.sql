-- Which version of which plugin was in force, when, by whom and why; what people and trials said about versions. Written by the core only.

CREATE TABLE host_plugin_history (           -- one a version and time in force; its source is the blob of that hash
  id INTEGER PRIMARY KEY, plugin TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, origin TEXT NOT NULL,
  began_at INTEGER NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL,
  ended_at INTEGER, ended_by TEXT, ended_why TEXT,   -- NULL: it is in force
  previous INTEGER REFERENCES host_plugin_history (id),   -- what it took the place of
  change_n INTEGER NOT NULL DEFAULT 0,       -- what came into force together has one number
  calls INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,   -- of all workers
  trial TEXT, trial_until INTEGER,
  CHECK (why IN ('start', 'save', 'reload', 'rollback', 'trial', 'enable')),
  CHECK (ended_why IN ('replaced', 'gone', 'disable', 'rollback', 'trial')),
  CHECK (trial IN ('running', 'passed', 'worse'))
) STRICT;
CREATE INDEX host_plugin_history_plugin ON host_plugin_history (plugin, id);
CREATE UNIQUE INDEX host_plugin_history_now ON host_plugin_history (plugin) WHERE ended_at IS NULL;
CREATE INDEX host_plugin_history_trial ON host_plugin_history (trial_until) WHERE trial = 'running';

CREATE TABLE host_plugin_held (              -- contents that are not put in force, until they change or somebody enables them
  plugin TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
  PRIMARY KEY (plugin, hash),
  CHECK (why IN ('rollback', 'trial'))
) STRICT;

CREATE TABLE host_plugin_off (plugin TEXT PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL) STRICT;

CREATE TABLE host_plugin_test (              -- how a plugin's own tests ended, for this very source and these very tests
  plugin TEXT NOT NULL, hash TEXT NOT NULL, tests TEXT NOT NULL, at INTEGER NOT NULL, passed INTEGER NOT NULL, report TEXT NOT NULL,
  PRIMARY KEY (plugin, hash, tests)
) STRICT;

CREATE TABLE host_plugin_change (            -- one row: servers look at n; a reload that is asked for is `wanted`, one that was made `done`
  one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL, wanted INTEGER NOT NULL, wanted_by TEXT NOT NULL, done INTEGER NOT NULL,
  state TEXT NOT NULL                        -- what is wrong with the folders and what waits for its tests, as JSON
) STRICT;
INSERT INTO host_plugin_change (one, n, wanted, wanted_by, done, state) VALUES (1, 0, 0, '', 0, '{}');

INSERT INTO host_plugin_history (id, plugin, version, hash, origin, began_at, actor, why)
  SELECT row_number() OVER (ORDER BY plugin), plugin, version, hash, origin, since, 'host', 'start' FROM host_live_set;
