-- Who may sign in, with which roles, and who is signed in. Written by the host only (core/store).
-- The prefix keeps clear of words that PostgreSQL reserves (user, session).

CREATE TABLE site_user (
  id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, mail TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT 'zh', active INTEGER NOT NULL DEFAULT 1,
  password TEXT NOT NULL,                    -- argon2id, with its parameters and salt
  made_at INTEGER NOT NULL, password_at INTEGER NOT NULL,
  CHECK (lang IN ('zh', 'en')), CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE site_user_role (                -- a role is held per dealership
  user_id INTEGER NOT NULL REFERENCES site_user (id), dealership TEXT NOT NULL, role TEXT NOT NULL, made_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, dealership, role)
) STRICT;

CREATE TABLE site_session (
  id INTEGER PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE,   -- the token itself is only in the browser
  user_id INTEGER NOT NULL REFERENCES site_user (id),
  lang TEXT,                                 -- NULL: the user's
  made_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, CHECK (lang IN ('zh', 'en'))
) STRICT;
CREATE INDEX site_session_user ON site_session (user_id);
CREATE INDEX site_session_seen ON site_session (seen_at);

CREATE TABLE site_login_lock (               -- wrong passwords in a row
  login_hash TEXT PRIMARY KEY,               -- hash: people type passwords into the field for the login
  failures INTEGER NOT NULL, failed_at INTEGER NOT NULL, locked_until INTEGER NOT NULL
) STRICT;
CREATE INDEX site_login_lock_failed ON site_login_lock (failed_at);
