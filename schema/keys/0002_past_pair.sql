-- A dealership's pair can be changed: what lay under an earlier one is remade under the present one, row by row, while people work.

CREATE TABLE past_pair (                     -- every pair before the present one, wrapped with the present one: what was made first lies innermost in what
  n INTEGER PRIMARY KEY,                     -- is remade, so it is still needed to open and to search. 0: the first pair
  wrapped BLOB NOT NULL, left_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pair_change (                   -- a row while a change is not finished
  id INTEGER PRIMARY KEY, begun_at INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,   -- fingerprints
  CHECK (id = 1)
) STRICT;

ALTER TABLE person_key ADD COLUMN pair INTEGER NOT NULL DEFAULT 0;   -- number of the pair that wraps it
