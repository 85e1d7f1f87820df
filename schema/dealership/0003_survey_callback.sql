-- Questionnaires' sheets and answers: written by plugin survey only.

CREATE TABLE survey_sheet (                  -- one filled questionnaire; keeps the very version it was asked with
  id INTEGER PRIMARY KEY, questionnaire TEXT NOT NULL, version TEXT NOT NULL, definition_hash TEXT NOT NULL,
  subject_kind TEXT NOT NULL, subject_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL DEFAULT 0,      -- under whose key the answers' words are sealed
  asked_by TEXT NOT NULL, started_at INTEGER NOT NULL, closed_at INTEGER,
  score REAL,                                -- weighted mean 1..10 at closing (B5), NULL if nothing was rated
  unhappy INTEGER, serious INTEGER
) STRICT;
CREATE INDEX survey_sheet_subject ON survey_sheet (subject_kind, subject_id);

CREATE TABLE survey_answer (
  sheet_id INTEGER NOT NULL REFERENCES survey_sheet (id), item TEXT NOT NULL, kind TEXT NOT NULL,
  number REAL, word TEXT, text_sealed BLOB,  -- rate: number · yesno, choice: word · multi: word as JSON array · text: sealed
  reason_sealed BLOB, answered_at INTEGER NOT NULL, answered_by TEXT NOT NULL, changes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (sheet_id, item)
) STRICT;

CREATE TABLE survey_section_score (          -- section means of a closed sheet, for the month
  sheet_id INTEGER NOT NULL REFERENCES survey_sheet (id), section TEXT NOT NULL, weight REAL NOT NULL, mean REAL, rated INTEGER NOT NULL,
  PRIMARY KEY (sheet_id, section)
) STRICT;

-- Who is to be called, and what became of it: written by plugin callback only.

CREATE TABLE call_task (                     -- unique by visit and questionnaire
  id INTEGER PRIMARY KEY, no TEXT NOT NULL UNIQUE, visit_id INTEGER NOT NULL, questionnaire TEXT NOT NULL,
  due_on TEXT NOT NULL, state TEXT NOT NULL, promised_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER,                        -- the next attempt counts from then on (L5), or the day after the advisor's answer
  assigned_to TEXT, claimed_by TEXT, claimed_until INTEGER, sheet_id INTEGER, result TEXT, first_attempt_at INTEGER, first_attempt_on TEXT,
  closed_at INTEGER, decision_id INTEGER NOT NULL, rule TEXT, reason_zh TEXT, reason_en TEXT, made_at INTEGER NOT NULL,
  facts_hash TEXT NOT NULL,                  -- of the visit's own facts: changed facts are decided again while nobody has called
  UNIQUE (visit_id, questionnaire),
  CHECK (state IN ('open', 'promised', 'contact_fix', 'done'))
) STRICT;
CREATE INDEX call_task_open ON call_task (state, due_on);
CREATE INDEX call_task_closed ON call_task (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE call_exclusion (                -- a visit that is not called, and why
  id INTEGER PRIMARY KEY, visit_id INTEGER NOT NULL, questionnaire TEXT NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL,
  reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL, decision_id INTEGER NOT NULL, facts_hash TEXT NOT NULL, at INTEGER NOT NULL,
  UNIQUE (visit_id, questionnaire), CHECK (kind IN ('no_call', 'repeat'))   -- 不回访台次, 重复台次
) STRICT;

CREATE TABLE call_attempt (                  -- each is a row; the last one can be undone
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL REFERENCES call_task (id), at INTEGER NOT NULL, caller TEXT NOT NULL, phone_id INTEGER,
  result TEXT NOT NULL, counts INTEGER NOT NULL, promised_at INTEGER, note_sealed BLOB, before TEXT NOT NULL,  -- before: the task's fields, for undo
  undone_at INTEGER, undone_by TEXT
) STRICT;
CREATE INDEX call_attempt_task ON call_attempt (task_id, at);

CREATE TABLE call_correction (               -- a closed call corrected, with its reason
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL REFERENCES call_task (id), at INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
  before TEXT NOT NULL, after TEXT NOT NULL
) STRICT;

CREATE TABLE call_contact_fix (              -- wrong numbers and three failed attempts: the advisor answers within one working day (05, block 1)
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL REFERENCES call_task (id), day TEXT NOT NULL, reason TEXT NOT NULL, advisor TEXT,
  answer_due INTEGER NOT NULL, answered_at INTEGER, answered_by TEXT, reply TEXT, next_call_on TEXT, opened_at INTEGER NOT NULL, closed_at INTEGER
) STRICT;
CREATE INDEX call_contact_fix_task ON call_contact_fix (task_id);
