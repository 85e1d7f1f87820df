-- Unhappy customers: written by plugin complaint only.

CREATE TABLE complaint_form (                -- tracking form 03
  id INTEGER PRIMARY KEY, no TEXT NOT NULL UNIQUE, source TEXT NOT NULL, visit_id INTEGER NOT NULL, task_id INTEGER, sheet_id INTEGER,
  person_id INTEGER NOT NULL DEFAULT 0,      -- who complains: the words are sealed under this key
  department TEXT NOT NULL, specialist TEXT NOT NULL, director TEXT, problem_sealed BLOB NOT NULL, topics TEXT NOT NULL DEFAULT '[]',
  accused TEXT NOT NULL DEFAULT '[]',        -- JSON: names or logins the customer complains about; they never handle the form
  state TEXT NOT NULL, round INTEGER NOT NULL DEFAULT 1, opened_at INTEGER NOT NULL, send_by INTEGER NOT NULL, sent_at INTEGER,
  answer_due INTEGER NOT NULL,
  reckoning TEXT NOT NULL,                   -- JSON: per round {round, from, due, steps}: how the deadline was reckoned
  recheck_due INTEGER, claimed_by TEXT, claimed_until INTEGER,
  decision_id INTEGER NOT NULL, rule TEXT, closed_at INTEGER, closed_by TEXT, satisfied INTEGER,
  sign_reason TEXT,                          -- why the supervisor has to sign: rounds, unreached
  signed_by TEXT, sign_note_sealed BLOB,
  withdrawn TEXT,                            -- the reason, where the call that opened it was undone before anyone answered
  CHECK (state IN ('open', 'sent', 'answered', 'to_sign', 'closed'))
) STRICT;
CREATE INDEX complaint_form_state ON complaint_form (state, answer_due);
CREATE INDEX complaint_form_visit ON complaint_form (visit_id);
CREATE INDEX complaint_form_opened ON complaint_form (opened_at);

CREATE TABLE complaint_answer (              -- the department's answer, one per round
  id INTEGER PRIMARY KEY, form_id INTEGER NOT NULL REFERENCES complaint_form (id), round INTEGER NOT NULL, cause_sealed BLOB NOT NULL,
  action_sealed BLOB NOT NULL, told_at INTEGER, answered_at INTEGER NOT NULL, answered_by TEXT NOT NULL, on_time INTEGER NOT NULL,
  UNIQUE (form_id, round)
) STRICT;

CREATE TABLE complaint_recheck (             -- the second call, by the same specialist
  id INTEGER PRIMARY KEY, form_id INTEGER NOT NULL REFERENCES complaint_form (id), round INTEGER NOT NULL, at INTEGER NOT NULL, caller TEXT NOT NULL,
  result TEXT NOT NULL, remark_sealed BLOB,  -- result: satisfied, unsatisfied, not_reached
  CHECK (result IN ('satisfied', 'unsatisfied', 'not_reached'))
) STRICT;
CREATE INDEX complaint_recheck_form ON complaint_recheck (form_id, round);

CREATE TABLE complaint_minor (               -- minor issues: daily report 05, block 2
  id INTEGER PRIMARY KEY, day TEXT NOT NULL, visit_id INTEGER NOT NULL, task_id INTEGER, sheet_id INTEGER,
  person_id INTEGER NOT NULL DEFAULT 0, specialist TEXT NOT NULL, advisor TEXT,
  problem_sealed BLOB NOT NULL, topics TEXT NOT NULL DEFAULT '[]', round INTEGER NOT NULL DEFAULT 1,
  answer_due INTEGER NOT NULL, reply_sealed BLOB, replied_at INTEGER, replied_by TEXT,       -- of the present round
  recheck_on TEXT, satisfied INTEGER, closed_at INTEGER, decision_id INTEGER NOT NULL, rule TEXT,
  form_id INTEGER,                           -- raised to this tracking form
  withdrawn TEXT
) STRICT;
CREATE INDEX complaint_minor_day ON complaint_minor (day);
CREATE INDEX complaint_minor_visit ON complaint_minor (visit_id);

CREATE TABLE complaint_minor_event (         -- what was replied and heard, round by round
  id INTEGER PRIMARY KEY, minor_id INTEGER NOT NULL REFERENCES complaint_minor (id), round INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,
  kind TEXT NOT NULL, text_sealed BLOB,
  CHECK (kind IN ('reply', 'satisfied', 'unsatisfied', 'not_reached'))
) STRICT;
CREATE INDEX complaint_minor_event_minor ON complaint_minor_event (minor_id, at);

CREATE TABLE complaint_delegation (          -- who answers for whom
  id INTEGER PRIMARY KEY, login TEXT NOT NULL, deputy TEXT NOT NULL, from_day TEXT NOT NULL, to_day TEXT NOT NULL, made_by TEXT NOT NULL, made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX complaint_delegation_login ON complaint_delegation (login, to_day);
