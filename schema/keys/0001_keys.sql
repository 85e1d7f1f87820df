-- The keys of one dealership, a file of its own (data/ID.keys.db): backed up apart from what they open, and kept for a shorter time.
-- Written by the vault only. Whatever is deleted here is overwritten at once (secure_delete).

CREATE TABLE dealership_key (                -- the dealership's two keys, once for each master key that opens them: two while one is being changed
  master TEXT PRIMARY KEY,                   -- fingerprint of the master key
  wrapped BLOB NOT NULL, pair TEXT NOT NULL, wrapped_at INTEGER NOT NULL   -- pair: fingerprint of what is inside
) STRICT;

CREATE TABLE person_key (                    -- one random key a person, wrapped with the dealership's; NULL: the person is erased, and for good
  person INTEGER PRIMARY KEY, wrapped BLOB, made_at INTEGER NOT NULL, erased_at INTEGER,
  CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
) STRICT;

CREATE TABLE key_change (                    -- grows with each erasure, so that other processes drop the keys they remember
  id INTEGER PRIMARY KEY, n INTEGER NOT NULL, CHECK (id = 1)
) STRICT;
INSERT INTO key_change (id, n) VALUES (1, 0);
